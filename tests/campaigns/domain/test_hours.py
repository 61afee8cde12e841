"""Decent hours: in every zone the person may be in, over both changes of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from campaigns.domain import hours
from campaigns.models import SendingRules

NINE_TO_EIGHT = SendingRules()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def opens(moment: str, *zones: str, given: SendingRules = NINE_TO_EIGHT) -> str:
    return f"{hours.opens(at(moment), hours=[hours.own_hours(given)], zones=zones):%Y-%m-%dT%H:%M}"


@pytest.mark.parametrize(
    ("moment", "zones", "expected"),
    [
        # Vienna is an hour ahead in winter, two in summer.
        ("2026-01-10T08:00", ["Europe/Vienna"], "2026-01-10T08:00"),
        ("2026-01-10T07:59", ["Europe/Vienna"], "2026-01-10T08:00"),
        ("2026-01-10T18:59", ["Europe/Vienna"], "2026-01-10T18:59"),
        ("2026-01-10T19:00", ["Europe/Vienna"], "2026-01-11T08:00"),
        ("2026-07-10T07:00", ["Europe/Vienna"], "2026-07-10T07:00"),
        # The nights in which the clocks change.
        ("2026-03-28T19:30", ["Europe/Vienna"], "2026-03-29T07:00"),
        ("2026-10-24T18:30", ["Europe/Vienna"], "2026-10-25T08:00"),
        ("2026-03-07T02:00", ["America/New_York"], "2026-03-07T14:00"),
        ("2026-03-08T01:30", ["America/New_York"], "2026-03-08T13:00"),
        # A number that may be in New York or in Los Angeles: 12:00 to 20:00 and 9:00 to 17:00 at once.
        ("2026-07-10T13:00", ["America/New_York", "America/Los_Angeles"], "2026-07-10T16:00"),
        ("2026-07-11T00:30", ["America/New_York", "America/Los_Angeles"], "2026-07-11T16:00"),
        # Half-hour zones and the other side of the date line.
        ("2026-07-10T03:29", ["Asia/Kolkata"], "2026-07-10T03:30"),
        ("2026-07-10T09:00", ["Pacific/Auckland"], "2026-07-10T21:00"),
    ],
)
def test_it_opens_when_it_is_day_wherever_the_person_may_be(moment: str, zones: list[str], expected: str):
    assert opens(moment, *zones) == expected


def test_zones_that_share_no_hour_are_looked_at_again_later():
    shut = SendingRules(day_start=time(9), day_end=time(10))
    assert opens("2026-07-10T00:00", "Asia/Tokyo", "America/New_York", given=shut) == "2026-07-31T00:00"


@pytest.mark.parametrize(
    ("start", "end", "moment", "expected"),
    [
        # 02:30 does not exist on 29 March in Vienna: the first instant after it is 03:00, 01:00 UTC.
        (time(2, 30), time(4), "2026-03-29T00:00", "2026-03-29T01:00"),
        # 02:30 happens twice on 25 October: the first of them, 00:30 UTC.
        (time(2, 30), time(4), "2026-10-25T00:00", "2026-10-25T00:30"),
        (time(0), time(23, 59), "2026-10-25T22:59", "2026-10-25T22:59"),
        (time(0), time(23, 59, 59), "2026-07-10T21:59", "2026-07-10T21:59"),
    ],
)
def test_an_hour_that_is_skipped_or_happens_twice(start: time, end: time, moment: str, expected: str):
    assert opens(moment, "Europe/Vienna", given=SendingRules(day_start=start, day_end=end)) == expected


def test_holidays_are_kept_by_whoever_names_a_calendar():
    austria = SendingRules(holidays="AT")
    assert opens("2026-12-25T10:00", "Europe/Vienna", given=austria) == "2026-12-27T08:00"
    assert opens("2026-12-25T10:00", "Europe/Vienna") == "2026-12-25T10:00"


@pytest.mark.parametrize(
    ("number", "places"),
    [
        ("+12015550123", ["the United States", "New Jersey"]),
        ("+13055550123", ["the United States", "Florida"]),
        ("+12125550123", ["the United States"]),
        ("+14165550123", []),
        ("+436601234567", []),
        ("nonsense", []),
    ],
)
def test_the_law_of_the_number_s_place_applies_to_sms(number: str, places: list[str]):
    assert [law.place for law in hours.laws_for(channel="sms", address=number)] == places
    assert hours.laws_for(channel="email", address="jane@example.com") == ()


def test_the_law_narrows_the_accounts_hours_and_never_widens_them():
    wide = hours.own_hours(SendingRules(day_start=time(6), day_end=time(23)))
    laws = {law.place: law for law in (hours.FEDERAL, *hours.STATES)}

    def first(place: str, moment: str, zone: str) -> str:
        found = hours.opens(at(moment), hours=[wide, hours.FEDERAL.of, laws[place].of], zones=[zone])
        return f"{found:%a %H:%M}"

    # In winter New York is five hours behind, Chicago six.
    assert first("New Jersey", "2026-01-12T01:30", "America/New_York") == "Mon 13:00"
    assert first("Connecticut", "2026-01-12T13:30", "America/New_York") == "Mon 14:00"
    assert first("Texas", "2026-01-11T16:00", "America/Chicago") == "Sun 18:00"
    assert first("Rhode Island", "2026-01-10T22:30", "America/New_York") == "Mon 14:00"


def test_every_law_has_a_source_and_hours_for_every_day():
    codes = [code for law in hours.STATES for code in law.area_codes]
    assert len(codes) == len(set(codes))
    for law in (hours.FEDERAL, *hours.STATES):
        assert (bool(law.source), len(law.hours)) == (True, 7)
        assert law.of(date(2026, 1, 12)) is not None
