"""What a clock on the wall and the calendar beside it say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo


def at(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant of a time on the wall (naive), in UTC."""
    first = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == local:
        return first
    # Skipped: the clocks change somewhere between the two readings of it. The first instant after is looked for by
    # halving, to the second.
    low, high = local.replace(tzinfo=zone, fold=1).astimezone(UTC), first
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    return high.replace(microsecond=0)


@lru_cache(maxsize=200)
def calendar_of(code: str) -> Any:
    """Public holidays as a mapping of dates to names, of a country or a part of one: AT, US-CA. Raises
    NotImplementedError for a place nobody knows."""
    # Here, because loading it takes half a second and few accounts keep holidays.
    import holidays

    country, _, part = code.partition("-")
    return holidays.country_holidays(country, subdiv=part or None)


def has_calendar(code: str) -> bool:
    try:
        calendar_of(code)
    except NotImplementedError:
        return False
    return True
