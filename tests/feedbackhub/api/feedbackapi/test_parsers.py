"""Form bodies."""

from __future__ import annotations

from typing import Any

import pytest

from feedbackhub.api.errors import ApiError, Kind
from feedbackhub.api.feedbackapi.parsers import parse_form


@pytest.mark.parametrize(
    ("raw", "members"),
    [
        ("a=1&b=", {"a": "1", "b": ""}),
        ("a[]=1&a[]=2", {"a": ["1", "2"]}),
        ("a%5B%5D=1", {"a": ["1"]}),
        ("a[0]=1&a[1]=2", {"a": ["1", "2"]}),
        ("a=1&a=2", {"a": ["1", "2"]}),
        ("mobile_number=+18135550123", {"mobile_number": "+18135550123"}),
        ("mobile_number=%2B18135550123", {"mobile_number": "+18135550123"}),
        ("mobile_number=+44+7810+123456", {"mobile_number": "+44 7810 123456"}),
        ("mobile_number=0664+1234567", {"mobile_number": "0664 1234567"}),
        ("mobile_number=+call+me", {"mobile_number": " call me"}),
        ("review_profile[]=https://g.example/?q=a+b", {"review_profile": ["https://g.example/?q=a+b"]}),
        ("due=2025-01-31T12:00:00+01:00", {"due": "2025-01-31T12:00:00+01:00"}),
        ("due=2025-01-31+12:00:00.5+0100", {"due": "2025-01-31 12:00:00.5+0100"}),
        ("due=2025-01-31+12:00:00Z", {"due": "2025-01-31 12:00:00Z"}),
        ("email=jane%2Bnews@example.com", {"email": "jane+news@example.com"}),
        ("email=+jane@example.com+", {"email": " jane@example.com "}),
        ("fname=Mary+Ann", {"fname": "Mary Ann"}),
        ("fname=Number+12:00", {"fname": "Number 12:00"}),
        ("fname=J%C3%BCrgen", {"fname": "Jürgen"}),
    ],
)
def test_forms_are_read_as_meant(raw: str, members: dict[str, Any]) -> None:
    assert parse_form(raw.encode()) == members


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"a=1&a[]=2", Kind.INVALID),
        (b"a[]=2&a=1", Kind.INVALID),
        (b"email=jane+news@example.com", Kind.INVALID),
        (b"fname=%00", Kind.INVALID),
        (b"fname=%FF", Kind.INVALID),
        (b"fname=\xff", Kind.INVALID),
        (b"fname=%ED%A0%80", Kind.INVALID),
    ],
)
def test_what_cannot_be_meant_is_refused(raw: bytes, kind: Kind) -> None:
    with pytest.raises(ApiError) as refusal:
        parse_form(raw)
    assert refusal.value.kind == kind
