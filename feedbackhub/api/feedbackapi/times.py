"""Timestamps going out: epoch seconds, or ISO 8601 for `Accept: …; timestamps=iso`."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from feedbackhub.api.times import epoch, format_utc

_ISO = re.compile(r";\s*timestamps\s*=\s*\"?iso\"?\s*(?:[;,]|$)", re.IGNORECASE)


def wants_iso(accept: str) -> bool:
    return _ISO.search(accept) is not None


def stamped(data: Any, *, iso: bool) -> Any:
    """The answer with every datetime in it written out."""
    if isinstance(data, datetime):
        return format_utc(data, 0) if iso else epoch(data)
    if isinstance(data, dict):
        return {name: stamped(value, iso=iso) for name, value in data.items()}
    if isinstance(data, list):
        return [stamped(value, iso=iso) for value in data]
    return data
