"""Lists: limit, page, sort_by, filters, and the envelope around the rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Func, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.db.models.lookups import IsNull

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

    def is_null(self, value: bool) -> Q:
        return Q(IsNull(F(self.by) if isinstance(self.by, str) else self.by, value))


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
    sort: Sort
    descending: bool

    @property
    def start(self) -> int:
        return self.page * self.limit

    @property
    def order(self) -> tuple[OrderBy, OrderBy]:
        return (self.sort.ordering(descending=self.descending), self.ties)

    @property
    def ties(self) -> OrderBy:
        return OrderBy(F("pk"), descending=self.descending)


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
    sort, descending = _order(listing, texts.get("sort_by", listing.default))
    return Asked(page, limit, where, sort, descending)


def envelope(
    asked: Asked, rows: QuerySet[Any], detailed: Callable[[Any], QuerySet[Any]], render: Callable[[Any], Any]
) -> dict[str, Any]:
    """One query for the count and one for the page (`detailed` adds a constant, an order by a nullable field two).

    The page's keys are found first, in an index alone if there is one: what `detailed` joins is joined to them only.
    """
    found = rows.filter(asked.where)
    keys = _split_keys(asked, found) if asked.sort.nullable else _slice(asked, found.order_by(*asked.order))
    data = [render(row) for row in detailed(rows.filter(pk__in=keys)).order_by(*asked.order)]
    return {"page": asked.page, "total_count": found.count(), "total_returned": len(data), "data": data}


def _slice(asked: Asked, rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.values("pk")[asked.start : asked.start + asked.limit]


def _split_keys(asked: Asked, found: QuerySet[Any]) -> list[Any]:
    """Rows with a value, then those without: an index has the latter at one end, so it cannot give both in one go."""
    present = found.filter(asked.sort.is_null(False))
    keys = list(_slice(asked, present.order_by(*asked.order)).values_list("pk", flat=True))
    missing = asked.limit - len(keys)
    if not missing:
        return keys
    valued = asked.start + len(keys) if keys or not asked.start else present.count()
    skipped = max(asked.start - valued, 0)
    absent = found.filter(asked.sort.is_null(True)).order_by(asked.ties)
    return keys + list(absent.values_list("pk", flat=True)[skipped : skipped + missing])


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


def _order(listing: Listing, sort_by: str) -> tuple[Sort, bool]:
    """Which sort, and whether it descends."""
    field, _, direction = sort_by.rpartition("-")
    if field not in listing.sorts or direction not in ("asc", "desc"):
        choices = ", ".join(listing.sorts)
        raise invalid("sort_by", f"must be one of {choices}, followed by -asc or -desc.")
    return listing.sorts[field], direction == "desc"
