"""Working time, over nights, weekends, holidays and changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.domain.sla.business import Span, Week, add

VIENNA = ZoneInfo("Europe/Vienna")
OFFICE = (time(9), time(17))
NIGHT = (time(0), time(23, 59))
OFFICE_WEEK: list[Span] = [OFFICE] * 5 + [None] * 2


def wall(day: int, hour: int = 0, minute: int = 0, month: int = 3) -> datetime:
    """In Vienna in 2026: 2 March is a Monday, on 29 March the clocks go forward, on 25 October back."""
    return datetime(2026, month, day, hour, minute, tzinfo=VIENNA)


def week(days: list[Span] = OFFICE_WEEK, **more: object) -> Week:
    return Week(VIENNA, days, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        pytest.param(wall(2, 10), 60, wall(2, 11), id="within a day"),
        pytest.param(wall(2, 16), 60, wall(2, 17), id="to the end of the day"),
        pytest.param(wall(2, 16, 30), 60, wall(3, 9, 30), id="over night"),
        pytest.param(wall(2, 3), 60, wall(2, 10), id="from before the day"),
        pytest.param(wall(2, 20), 60, wall(3, 10), id="from after the day"),
        pytest.param(wall(6, 16, 30), 60, wall(9, 9, 30), id="over the weekend"),
        pytest.param(wall(7, 12), 60, wall(9, 10), id="from the weekend"),
        pytest.param(wall(2, 9), 5 * 480, wall(6, 17), id="a whole week"),
        pytest.param(wall(2, 9), 5 * 480 + 1, wall(9, 9, 1), id="a week and a minute"),
    ],
)
def test_office_hours(start: datetime, minutes: int, due: datetime) -> None:
    assert add(start, minutes=minutes, week=week()) == due


def test_holidays_are_days_off() -> None:
    off = frozenset({date(2026, 3, 3), date(2026, 3, 4)})
    assert add(wall(2, 16, 30), minutes=60, week=week(off=off)) == wall(5, 9, 30)


def test_an_office_day_is_as_long_on_both_sides_of_a_clock_change() -> None:
    # From Friday to Monday the clocks went forward: Monday's hour is still nine.
    due = add(wall(27, 16, 30), minutes=60, week=week())
    assert due == wall(30, 9, 30)
    assert due is not None
    assert due.astimezone(UTC).hour == 7
    assert add(wall(23, 16, 30, month=10), minutes=60, week=week()) == wall(26, 9, 30, month=10)


def test_a_night_in_which_the_clocks_change_has_an_hour_less_or_more() -> None:
    always = week([NIGHT] * 7)
    for day, month, hours in ((29, 3, 23), (25, 10, 25), (2, 3, 24)):
        start = wall(day, month=month)
        assert add(start, minutes=hours * 60, week=always) == start.replace(day=day) + timedelta(days=1)
        assert add(start, minutes=60, week=always) == start.astimezone(UTC) + timedelta(hours=1)


def test_hours_that_a_clock_change_skips_are_no_hours() -> None:
    small = week([None] * 6 + [(time(2), time(3))])
    # On 29 March there is no time between two and three.
    assert add(wall(29), minutes=30, week=small) == wall(5, 2, 30, month=4)


def test_until_23_59_is_until_midnight() -> None:
    late = week([(time(22), time(23, 59))] * 7)
    assert add(wall(2, 12), minutes=120, week=late) == wall(3)


def test_without_hours_nothing_is_ever_due() -> None:
    assert add(wall(2), minutes=1, week=week([None] * 7)) is None
    assert add(wall(2), minutes=1, week=week(off=_EveryDay())) is None  # type: ignore[arg-type]


class _EveryDay:
    def __contains__(self, day: object) -> bool:
        return True


@given(st.integers(0, 330 * 24 * 60), st.integers(1, 3000), st.integers(1, 3000))
def test_two_spans_are_as_long_as_their_sum(start: int, one: int, two: int) -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=start)
    first = add(begin, minutes=one, week=week())
    assert first is not None
    assert first > begin
    assert add(first, minutes=two, week=week()) == add(begin, minutes=one + two, week=week())
