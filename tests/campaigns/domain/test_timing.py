"""When a step is due: wall-clock days, both changes of the clock, and windows."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.models import Account
from campaigns.domain import timing
from campaigns.domain.timing import Window
from campaigns.models import Enrolment, Step
from crm.models import Customer, Location
from feedbackhub.wall import at

VIENNA = ZoneInfo("Europe/Vienna")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")


def wall(zone: ZoneInfo, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=zone)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("zone", "start", "days", "then"),
    [
        # Across the change to summer time a day has 23 hours, back from it 25: the time of day stays.
        (VIENNA, (2026, 3, 28, 18, 0), 1, (2026, 3, 29, 18, 0)),
        (VIENNA, (2026, 10, 24, 18, 0), 3, (2026, 10, 27, 18, 0)),
        (NEW_YORK, (2026, 3, 6, 9, 30), 3, (2026, 3, 9, 9, 30)),
        (NEW_YORK, (2026, 10, 30, 9, 30), 7, (2026, 11, 6, 9, 30)),
    ],
)
def test_a_day_later_is_the_same_time_of_day(zone: ZoneInfo, start: tuple[int, ...], days: int, then: tuple[int, ...]):
    assert timing.later(wall(zone, *start), days=days, minutes=0, zone=zone) == wall(zone, *then)


@pytest.mark.parametrize(
    ("zone", "local", "instant"),
    [
        # 02:30 is skipped: the first instant after, which is 03:00 by the new clock.
        (VIENNA, (2026, 3, 29, 2, 30), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        (NEW_YORK, (2026, 3, 8, 2, 1), datetime(2026, 3, 8, 7, 0, tzinfo=UTC)),
        # Half an hour only.
        (LORD_HOWE, (2026, 10, 4, 2, 15), datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
        # 02:30 comes twice: its first.
        (VIENNA, (2026, 10, 25, 2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (NEW_YORK, (2026, 11, 1, 1, 30), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
    ],
)
def test_a_time_of_day_that_is_skipped_or_comes_twice(zone: ZoneInfo, local: tuple[int, ...], instant: datetime):
    assert at(datetime(*local), zone) == instant  # type: ignore[misc, arg-type] # noqa: DTZ001


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ((2026, 6, 1, 8, 59), (2026, 6, 1, 9, 0)),
        ((2026, 6, 1, 9, 0), (2026, 6, 1, 9, 0)),
        ((2026, 6, 1, 19, 59), (2026, 6, 1, 19, 59)),
        ((2026, 6, 1, 20, 0), (2026, 6, 2, 9, 0)),
        # Friday evening: the window is open from Monday to Friday.
        ((2026, 6, 5, 21, 0), (2026, 6, 8, 9, 0)),
        ((2026, 6, 7, 12, 0), (2026, 6, 8, 9, 0)),
    ],
)
def test_into_the_window(moment: tuple[int, ...], opens: tuple[int, ...]):
    window = Window(time(9), time(20), 0b0011111)
    assert timing.into(wall(VIENNA, *moment), window=window, zone=VIENNA) == wall(VIENNA, *opens)


def test_a_window_inside_the_skipped_hour_opens_the_day_after():
    window = Window(time(2, 15), time(2, 45))
    assert timing.into(wall(VIENNA, 2026, 3, 29, 1, 0), window=window, zone=VIENNA) == wall(VIENNA, 2026, 3, 30, 2, 15)


def test_the_zone_is_the_persons_then_the_locations_then_the_accounts():
    account = Account(time_zone="Europe/London")
    plain = Location(account=account)
    assert timing.zone_of(customer=Customer(account=account), location=plain).key == "Europe/London"
    # A number of one zone says where somebody is; one of several does not.
    vienna = Customer(account=account, mobile_number="+4315334567")
    assert timing.zone_of(customer=vienna, location=plain).key == "Europe/Vienna"
    toll_free = Customer(account=account, mobile_number="+18005550100")
    assert timing.zone_of(customer=toll_free, location=plain).key == "Europe/London"
    there = Location(account=account, time_zone="Asia/Tokyo")
    assert timing.zone_of(customer=vienna, location=there).key == "Asia/Tokyo"
    own = Customer(account=account, time_zone="America/Lima")
    assert timing.zone_of(customer=own, location=there).key == "America/Lima"


def test_what_follows_a_late_step_keeps_its_distance():
    """Steps at +3 and +7 days: after a pause that made the first one ten days late, the other is four days behind."""
    entered = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)
    late = entered + timedelta(days=13)
    before, step = Step(delay_days=3), Step(delay_days=7)
    run = Enrolment(entered_at=entered, last_step_at=late)
    assert timing.due(enrolment=run, step=step, before=before, zone=ZoneInfo("UTC")) == late + timedelta(days=4)
    on_time = Enrolment(entered_at=entered, last_step_at=entered + timedelta(days=3))
    assert timing.due(enrolment=on_time, step=step, before=before, zone=ZoneInfo("UTC")) == entered + timedelta(days=7)
    after = Step(delay_days=2, delay_minutes=30, delay_from="previous")
    assert timing.due(enrolment=run, step=after, before=before, zone=ZoneInfo("UTC")) == late + timedelta(
        days=2, minutes=30
    )
