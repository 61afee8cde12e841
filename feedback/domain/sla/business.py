"""Counting working time. Pure: a moment, minutes, and what the days are like.

Minutes are counted as they pass: a working night in which the clocks are put forward has an hour less.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from feedbackhub.wall import at

Span = tuple[time, time] | None
# Until this minute is until midnight.
END_OF_DAY = time(23, 59)
# Nobody promises anything for later than that.
LOOK_AHEAD_DAYS = 3 * 366


@dataclass(frozen=True)
class Week:
    """Hours of Monday to Sunday; `off` are the dates nobody works on."""

    zone: ZoneInfo
    days: Sequence[Span]
    off: Container[date] = field(default_factory=frozenset)

    def of(self, day: date) -> Span:
        return None if day in self.off else self.days[day.weekday()]


def add(moment: datetime, *, minutes: int, week: Week) -> datetime | None:
    """The moment after so many working minutes; None if the week has no hours to count them in."""
    if not any(week.days):
        return None
    left, first = timedelta(minutes=minutes), moment.astimezone(week.zone).date()
    for n in range(LOOK_AHEAD_DAYS):
        day = first + timedelta(days=n)
        span = week.of(day)
        if span is None:
            continue
        opens, closes = _instants(day, span, week.zone)
        begin = max(opens, moment)
        if closes - begin >= left and closes > begin:
            return begin + left
        left -= max(closes - begin, timedelta())
    return None


def _instants(day: date, span: tuple[time, time], zone: ZoneInfo) -> tuple[datetime, datetime]:
    opens = at(datetime.combine(day, span[0]), zone)
    if span[1] >= END_OF_DAY:
        return opens, at(datetime.combine(day + timedelta(days=1), time.min), zone)
    return opens, at(datetime.combine(day, span[1]), zone)
