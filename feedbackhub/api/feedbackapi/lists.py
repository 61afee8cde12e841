"""Lists: limit, page, sort_by, filters, and the envelope around the rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Func, Q, QuerySet
from django.db.models.expressions import OrderBy

from accounts.models import Account
from feedbackhub.api.errors import invalid
from feedbackhub.api.feedbackapi.filters import Filter
from feedbackhub.api.feedbackapi.parsers import repaired

DEFAULT_LIMIT = 10
MAX_LIMIT = 100
# Rows that may lie before a page: an offset beyond it costs more than a caller should be able to ask for.
MAX_OFFSET = 10_000
_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)
_HOUSE = ("limit", "page", "sort_by")


@dataclass(frozen=True)
class Sort:
    """What a field of the wire is sorted by; a nullable one has its empty rows last in both directions."""

    by: str | Func
    nullable: bool = False

    def ordering(self, *, descending: bool) -> OrderBy:
        expression = F(self.by) if isinstance(self.by, str) else self.by
        nulls_last = True if self.nullable else None
        return OrderBy(expression, descending=descending, nulls_last=nulls_last)


@dataclass(frozen=True)
class Listing:
    """What one noun's list can be asked for. `default` is a sort_by; ties end with the row key."""

    filters: Mapping[str, Filter]
    sorts: Mapping[str, Sort]
    default: str = "created-desc"


@dataclass(frozen=True)
class Asked:
    """A query string, understood."""

    page: int
    limit: int
    where: Q
    order: tuple[OrderBy, ...]


def understand(listing: Listing, query: Mapping[str, Any], account: Account) -> Asked:
    """ApiError naming the parameter for anything unknown, doubled or out of range."""
    where = Q()
    for name in query:
        if name not in listing.filters and name not in _HOUSE:
            raise invalid(name[:100], "is not a parameter of this list.")
    texts = {name: _only(query, name) for name in query}
    for name, filter in listing.filters.items():
        if name in texts:
            where &= filter.condition(account, name, texts[name])
    limit = _whole("limit", texts.get("limit", str(DEFAULT_LIMIT)), 1, MAX_LIMIT)
    page = _whole("page", texts.get("page", "0"), 0, 10**9)
    if page * limit > MAX_OFFSET:
        raise invalid(
            "page", f"lies beyond {MAX_OFFSET} rows. Narrow the list with created_after or created_before instead."
        )
    return Asked(page, limit, where, _order(listing, texts.get("sort_by", listing.default)))


def envelope(
    asked: Asked, rows: QuerySet[Any], detailed: Callable[[Any], QuerySet[Any]], render: Callable[[Any], Any]
) -> dict[str, Any]:
    """One query for the count and one (`detailed` adds a constant) for the page."""
    found = rows.filter(asked.where)
    start = asked.page * asked.limit
    data = [render(row) for row in detailed(found).order_by(*asked.order)[start : start + asked.limit]]
    return {"page": asked.page, "total_count": found.count(), "total_returned": len(data), "data": data}


def _only(query: Mapping[str, Any], name: str) -> str:
    values = query.getlist(name)  # type: ignore[attr-defined]
    if len(values) > 1:
        raise invalid(name, "is given more than once.")
    value = repaired(name, values[0])
    if not value.strip():
        raise invalid(name, "is empty. Leave the parameter out instead.")
    return value


def _whole(name: str, value: str, low: int, high: int) -> int:
    if not _WHOLE.fullmatch(value) or not low <= int(value) <= high:
        upper = f" to {high}" if high < 10**9 else ""
        raise invalid(name, f"must be a whole number from {low}{upper}.")
    return int(value)


def _order(listing: Listing, sort_by: str) -> tuple[OrderBy, ...]:
    field, _, direction = sort_by.rpartition("-")
    if field not in listing.sorts or direction not in ("asc", "desc"):
        choices = ", ".join(listing.sorts)
        raise invalid("sort_by", f"must be one of {choices}, followed by -asc or -desc.")
    descending = direction == "desc"
    key = F("pk").desc() if descending else F("pk").asc()
    return (listing.sorts[field].ordering(descending=descending), key)
