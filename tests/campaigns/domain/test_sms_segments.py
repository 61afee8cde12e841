"""What the allowance is charged: GSM 03.38 and UCS-2, exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.domain.sms_segments import Segments, segments

QUOTE = "\N{RIGHT SINGLE QUOTATION MARK}"
EMOJI = "\N{GRINNING FACE}"


@pytest.mark.parametrize(
    ("text", "units", "count"),
    [
        ("", 0, 0),
        ("a", 1, 1),
        ("a" * 160, 160, 1),
        ("a" * 161, 161, 2),
        ("a" * 306, 306, 2),
        ("a" * 307, 307, 3),
        ("é" * 160, 160, 1),
        ("€" * 80, 160, 1),
        ("€" * 81, 162, 2),
        ("line\nline", 9, 1),
        ("^{}\\[~]|€", 18, 1),
    ],
)
def test_gsm_7(text: str, units: int, count: int):
    assert segments(text) == Segments("GSM-7", units, count)


@pytest.mark.parametrize(
    ("text", "units", "count"),
    [
        ("ž", 1, 1),
        ("ç", 1, 1),  # only its capital is in the alphabet
        (QUOTE * 70, 70, 1),
        (QUOTE * 71, 71, 2),
        (QUOTE * 134, 134, 2),
        (QUOTE * 135, 135, 3),
        (EMOJI * 35, 70, 1),
        (EMOJI * 36, 72, 2),
    ],
)
def test_one_other_character_makes_it_ucs_2(text: str, units: int, count: int):
    assert segments(text) == Segments("UCS-2", units, count)


def test_an_escape_sequence_is_not_split_over_two_parts():
    # 152 septets, then one character of two: it moves to the next part, which leaves 151 for the rest.
    assert segments("a" * 152 + "€" + "a" * 151).count == 2
    assert segments("a" * 152 + "€" + "a" * 152).count == 3
    assert segments("a" * 151 + "€" + "a" * 153).count == 2


def test_an_emoji_is_not_split_over_two_parts():
    # 67 units a part, and 33 emoji take 66 of them.
    assert segments(EMOJI * 66).count == 2
    assert segments(EMOJI * 67).count == 3
    assert segments("é" * 66 + EMOJI + "a" * 65).count == 2
    assert segments("é" * 66 + EMOJI + "a" * 66).count == 3


@given(st.text(max_size=400))
def test_never_fewer_segments_than_the_units_need(text: str):
    found = segments(text)
    single, part = (160, 153) if found.encoding == "GSM-7" else (70, 67)
    needed = 0 if not text else 1 if found.units <= single else -(-found.units // part)
    assert needed <= found.count <= needed + 1 + found.units // 1000
    if found.encoding == "UCS-2":
        assert found.units == len(text.encode("utf-16-le", "surrogatepass")) // 2
