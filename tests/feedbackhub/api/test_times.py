"""Timestamps in and out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from feedbackhub.api.errors import ApiError
from feedbackhub.api.times import epoch, format_utc, parse_timestamp


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-01-31T12:00:00Z", datetime(2025, 1, 31, 12, tzinfo=UTC)),
        ("2025-01-31t12:00:00z", datetime(2025, 1, 31, 12, tzinfo=UTC)),
        ("2025-01-31 12:00:00+02:00", datetime(2025, 1, 31, 10, tzinfo=UTC)),
        ("2025-01-31T12:00+0530", datetime(2025, 1, 31, 6, 30, tzinfo=UTC)),
        ("2025-01-31T12:00:00.5Z", datetime(2025, 1, 31, 12, 0, 0, 500_000, tzinfo=UTC)),
        ("2025-01-31T12:00:00.1234567Z", datetime(2025, 1, 31, 12, 0, 0, 123_456, tzinfo=UTC)),
        ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("2080-12-31T23:59:59.999999Z", datetime(2080, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
    ],
)
def test_a_timestamp_with_a_zone_is_read_as_utc(text: str, moment: datetime):
    read = parse_timestamp(text, "at")

    assert read == moment
    assert read.tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    [
        "2025-01-31T12:00:00",
        "2025-01-31",
        "2025-W05-5T12:00:00Z",
        "20250131T120000Z",
        "2025-02-30T12:00:00Z",
        "2025-01-31T25:00:00Z",
        "2025-01-31T12:00:60Z",
        "2025-01-31T12:00:00+99:00",
        "٢٠٢٥-01-31T12:00:00Z",
        "2025-01-31T12:00:00Z\n",
        "yesterday",
        "",
        "9" * 100_000,
        1738324800,
        "1738324800",
        1.5,
        True,
        None,
        [],
        {},
    ],
)
def test_anything_else_names_the_field(value: object):
    with pytest.raises(ApiError) as refused:
        parse_timestamp(value, "at")

    assert [(each.name, each.message) for each in refused.value.problems] == [
        ("at", "must be a timestamp with a zone such as 2025-01-31T12:00:00Z")
    ]


@pytest.mark.parametrize(
    "value",
    [
        "1969-12-31T23:59:59Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2081-01-01T00:00:00Z",
        "2080-12-31T23:59:59-01:00",
        10**19,
        "999999999999",
        3502915200,
    ],
)
def test_outside_of_1970_to_2080_is_refused(value: object):
    with pytest.raises(ApiError) as refused:
        parse_timestamp(value, "at", allow_epoch=True)

    assert refused.value.message == "must lie between 1970-01-01 and 2080-12-31"


@pytest.mark.parametrize("value", [0, "0", 1738324800, "1738324800", 3502915199])
def test_epoch_seconds_where_the_contract_allows_them(value: object):
    assert epoch(parse_timestamp(value, "at", allow_epoch=True)) == int(value)


@pytest.mark.parametrize("value", [True, -1, 1.5, "1.5", "-1", "٣"])
def test_epoch_seconds_are_whole_numbers(value: object):
    with pytest.raises(ApiError):
        parse_timestamp(value, "at", allow_epoch=True)


@pytest.mark.parametrize(
    ("fraction", "text"),
    [("trim", "2025-01-31T10:00:00.25Z"), (0, "2025-01-31T10:00:00Z"), (3, "2025-01-31T10:00:00.250Z")],
)
def test_timestamps_go_out_in_utc(fraction, text: str):
    moment = datetime(2025, 1, 31, 12, 0, 0, 250_000, tzinfo=timezone(timedelta(hours=2)))

    assert format_utc(moment, fraction) == text


def test_no_fraction_is_written_without_a_point():
    assert format_utc(datetime(2025, 1, 31, 10, tzinfo=UTC)) == "2025-01-31T10:00:00Z"
