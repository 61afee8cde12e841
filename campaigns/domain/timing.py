"""When a step is due: days on the person's own calendar, inside the step's window.

A day later is the same time of day one date further, whatever the clock did in between. A time of day that a change
to summer time skips is the first instant after it; one that happens twice is its first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaigns.models import Enrolment, Step
from campaigns.models.campaign import EVERY_DAY
from crm.domain import time_zones
from crm.models import Customer, Location
from feedbackhub.wall import at

WEEK = 7


@dataclass(frozen=True)
class Window:
    """When a step may be sent, in times of day of the person; `end` itself is outside. Bit 0 of `weekdays` is
    Monday."""

    start: time = time.min
    end: time | None = None
    weekdays: int = EVERY_DAY

    @property
    def is_always(self) -> bool:
        return self.start == time.min and self.end is None and self.weekdays == EVERY_DAY


def window_of(step: Step) -> Window:
    return Window(step.window_start or time.min, step.window_end, step.weekdays)


def zone_of(*, customer: Customer, location: Location) -> ZoneInfo:
    """The person's own zone, else the location's, else the account's; a number that one zone alone has counts too."""
    found = time_zones.candidates(customer=customer, location=location)
    return ZoneInfo(found[0] if len(found) == 1 else location.account.time_zone)


def later(moment: datetime, *, days: int, minutes: int, zone: ZoneInfo) -> datetime:
    """So many dates further at the same time of day, then so many minutes by the clock."""
    if days:
        local = moment.astimezone(zone).replace(tzinfo=None)
        moment = at(local + timedelta(days=days), zone)
    return moment + timedelta(minutes=minutes)


def into(moment: datetime, *, window: Window, zone: ZoneInfo) -> datetime:
    """The moment itself if the window is open then, else when it opens next."""
    if window.is_always:
        return moment
    local = moment.astimezone(zone).replace(tzinfo=None)
    for days in range(WEEK + 1):
        day = local.date() + timedelta(days=days)
        if not window.weekdays >> day.weekday() & 1:
            continue
        opens = at(datetime.combine(day, window.start), zone)
        closes = at(datetime.combine(day, window.end), zone) if window.end else _midnight_after(day, zone)
        if moment < closes and opens < closes:
            return max(moment, opens)
    return moment


def _midnight_after(day: date, zone: ZoneInfo) -> datetime:
    return at(datetime.combine(day, time.min) + timedelta(days=1), zone)


def due(*, enrolment: Enrolment, step: Step, before: Step | None, zone: ZoneInfo) -> datetime:
    """When the step is to be sent.

    After a pause, or a window that held a step back, what follows keeps its distance to it: nobody gets the steps that
    were missed at once.
    """
    entered, last = enrolment.entered_at, enrolment.last_step_at
    if step.delay_from == Step.DelayFrom.PREVIOUS:
        planned = later(last or entered, days=step.delay_days, minutes=step.delay_minutes, zone=zone)
    else:
        planned = later(entered, days=step.delay_days, minutes=step.delay_minutes, zone=zone)
        if last is not None and before is not None and before.delay_from == Step.DelayFrom.ENTRY:
            gap = step.delay_days - before.delay_days
            minutes = step.delay_minutes - before.delay_minutes
            planned = max(planned, later(last, days=max(gap, 0), minutes=minutes if gap >= 0 else 0, zone=zone))
    return into(planned, window=window_of(step), zone=zone)


def last_moment(moment: datetime, *, window: Window, zone: ZoneInfo, lateness: timedelta) -> datetime:
    """Until when a message due at that moment may still go: as long as any other, plus the time the window is shut."""
    return into(moment + lateness, window=window, zone=zone) + lateness
