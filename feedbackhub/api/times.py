"""Timestamps of the wire: in with a zone and within 1970 to 2080, out in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Literal

from feedbackhub.api.errors import invalid

# datetime.fromisoformat alone takes too much (week dates, no zone, 2025-01).
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?([Zz]|[+-][0-9]{2}:?[0-9]{2})"
)
_EPOCH = re.compile(r"[0-9]{1,12}")
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
# Exclusive.
LATEST = datetime(2081, 1, 1, tzinfo=UTC)

Fraction = Literal["trim", 0, 3, 6]


def parse_timestamp(value: Any, field: str, *, allow_epoch: bool = False) -> datetime:
    """ISO 8601 with a zone (or epoch seconds where the contract allows) as a datetime in UTC."""
    seconds = _epoch_seconds(value) if allow_epoch else None
    moment = _read(value) if seconds is None else datetime.fromtimestamp(min(seconds, 10**11), UTC)
    if moment is None:
        also = " or whole epoch seconds" if allow_epoch else ""
        raise invalid(field, f"must be a timestamp with a zone such as 2025-01-31T12:00:00Z{also}")
    if not EARLIEST <= moment < LATEST:
        raise invalid(field, "must lie between 1970-01-01 and 2080-12-31")
    return moment.astimezone(UTC)


def _epoch_seconds(value: Any) -> int | None:
    if isinstance(value, str) and _EPOCH.fullmatch(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _read(value: Any) -> datetime | None:
    if not isinstance(value, str) or len(value) > 64 or not _ISO.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value.upper().replace(",", "."))
    except ValueError:
        return None


def format_utc(moment: datetime, fraction: Fraction = "trim") -> str:
    """`2025-01-31T12:00:00.25Z`: that many digits after the point, or as few as needed."""
    utc = moment.astimezone(UTC)
    text = utc.strftime("%Y-%m-%dT%H:%M:%S") if utc.year >= 1000 else utc.isoformat()[:19]
    digits = f"{utc.microsecond:06d}"
    digits = digits.rstrip("0") if fraction == "trim" else digits[:fraction]
    return f"{text}.{digits}Z" if digits else f"{text}Z"


def epoch(moment: datetime) -> int:
    """Whole seconds since 1970."""
    return int(moment.timestamp())
