"""Pages: by number for contracts that have them so, by cursor for the others. Counting is the caller's."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from feedbackhub.api.errors import invalid

M = TypeVar("M", bound=Model)

# An offset costs what it skips; deeper than this the caller narrows the list instead.
DEEPEST = 10_000
_LONGEST_CURSOR = 1_024


def whole_number(query: Mapping[str, str], name: str, *, default: int, low: int, high: int) -> int:
    """A parameter within low..high; ApiError INVALID names it."""
    text = query.get(name)
    if text is None:
        return default
    if text.isascii() and text.isdigit() and len(text) <= 18 and low <= int(text) <= high:
        return int(text)
    raise invalid(name, f"must be a whole number from {low} to {high}")


@dataclass(frozen=True)
class Page:
    """One page by number."""

    number: int
    limit: int
    offset: int

    def of(self, queryset: QuerySet[M]) -> list[M]:
        return list(queryset[self.offset : self.offset + self.limit])

    def more(self, queryset: QuerySet[M]) -> tuple[list[M], bool]:
        """The rows, and whether there are further ones, by asking for one row too many."""
        rows = list(queryset[self.offset : self.offset + self.limit + 1])
        return rows[: self.limit], len(rows) > self.limit


def numbered_page(query: Mapping[str, str], *, first: int, default: int, most: int, instead: str = "") -> Page:
    """`page` from `first` and `limit` 1..most. Pages beyond DEEPEST are refused, saying what to do `instead`."""
    limit = whole_number(query, "limit", default=default, low=1, high=most)
    number = whole_number(query, "page", default=first, low=first, high=10**9)
    offset = (number - first) * limit
    if offset > DEEPEST:
        raise invalid("page", f"must not reach beyond row {DEEPEST}{f'; {instead}' if instead else ''}")
    return Page(number, limit, offset)


def sealed(seen: Mapping[str, Any]) -> str:
    """A cursor: what was seen last, opaque to clients."""
    data = json.dumps(seen, separators=(",", ":"))
    return base64.urlsafe_b64encode(data.encode()).decode().rstrip("=")


def opened(cursor: str, *, longest: int = _LONGEST_CURSOR) -> dict[str, Any]:
    """What `sealed` was given, or anything a client made up: check every member. ValueError for what is no cursor."""
    if len(cursor) > longest:
        raise ValueError("too long")
    try:
        seen = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(seen, dict):
        raise ValueError("not an object")
    return seen
