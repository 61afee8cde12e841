"""The hint that something may be spam."""

from __future__ import annotations

import pytest

from feedback.domain import spam


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ("The coffee was cold", ""),
        ("See https://example.com and www.example.org", ""),
        ("http://a.example HTTPS://b.example www.c.example", "3 links"),
        ("Best casino in town\n" * 3, "the same text 3 times"),
        ("buy cheap watches here buy cheap watches here buy cheap watches here", "the same text 3 times"),
        ("It was very very very very very very good", ""),
        ("ok\nok\nok\nok", ""),
        ("", ""),
    ],
)
def test_what_speaks_for_spam(message: str, why: str) -> None:
    assert spam.hint(message) == why


def test_a_long_text_is_looked_at_from_its_begin() -> None:
    assert spam.hint("fine " * 2000 + "http://a http://b http://c") == ""
