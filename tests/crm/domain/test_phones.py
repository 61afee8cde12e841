"""Phone numbers."""

from __future__ import annotations

import pytest

from crm.domain import phones
from feedbackhub.errors import Invalid


@pytest.mark.parametrize(
    ("written", "country", "stored"),
    [
        ("+1813555555", None, "+1813555555"),  # the samples', one digit short
        ("+18135550123", None, "+18135550123"),
        ("+44 (0)7810 123456", None, "+447810123456"),
        ("+1 (813) 555-0123", None, "+18135550123"),
        ("\uff0b\uff11 813\u2011555\u20110123", None, "+18135550123"),  # full-width digits, unbreakable hyphens
        ("0044 7810 123456", None, "+447810123456"),
        ("07810 123456", "GB", "+447810123456"),
        ("(813) 555-0123", "US", "+18135550123"),
        ("8135550123", "US", "+18135550123"),
        ("0664 1234567", "AT", "+436641234567"),
        ("+18135550123", "GB", "+18135550123"),
    ],
)
def test_numbers_are_stored_as_e164(written: str, country: str | None, stored: str) -> None:
    assert phones.parse(written, country) == stored


@pytest.mark.parametrize(
    ("written", "country"),
    [
        ("07810 123456", None),
        ("+0123456789", None),
        ("+1234567", None),
        ("+1234567890123456", None),
        ("1-800-FLOWERS", "US"),
        ("+18135550123 ext. 5", None),
        ("+18135550123;+18135550124", None),
        ("++18135550123", None),
        ("+", None),
        ("1", "US"),
        ("8135550123", "AQ"),
    ],
)
def test_what_is_no_number_is_refused(written: str, country: str | None) -> None:
    with pytest.raises(Invalid) as refusal:
        phones.parse(written, country)
    assert refusal.value.problems[0].name == "mobile_number"


def test_a_number_that_cannot_exist_is_not_sent_to() -> None:
    assert phones.is_sendable("+18135550123")
    assert not phones.is_sendable("+1813555555")


def test_a_prefix_tells_every_zone_it_is_used_in() -> None:
    assert phones.time_zones("+447810123456") == (
        "Europe/Guernsey",
        "Europe/Isle_of_Man",
        "Europe/Jersey",
        "Europe/London",
    )
    assert phones.time_zones("+99912345678") == ()
