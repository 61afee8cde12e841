"""Lists: limit, page, sort_by, filters, and the envelope around the rows."""

from __future__ import annotations

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
from feedbackhub.api.pagination import numbered_page

DEFAULT_LIMIT = 10
MAX_LIMIT = 100
_HOUSE = ("limit", "page", "sort_by")


@dataclass(frozen=True)
class Sort:
    """What a field of the wire is sorted by; a nullable one has its empty rows last in both directions.

    Ties are ordered by `then` if there is one, and end with the row key.
    """

    by: str | Func
    nullable: bool = False
    then: str | None = None

    @property
    def expression(self) -> F | Func:
        return F(self.by) if isinstance(self.by, str) else self.by

    def is_null(self, value: bool) -> Q:
        return Q(IsNull(self.expression, value))


@dataclass(frozen=True)
class Listing:
    """What one noun's list can be asked for. `default` is a sort_by."""

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
    def order(self) -> list[OrderBy]:
        return [OrderBy(self.sort.expression, descending=self.descending), *self.ties]

    @property
    def ties(self) -> list[OrderBy]:
        names = ("pk",) if self.sort.then is None else (self.sort.then, "pk")
        return [OrderBy(F(name), descending=self.descending) for name in names]


def understand(listing: Listing, query: Mapping[str, Any], account: Account) -> Asked:
    """ApiError naming the parameter for anything unknown, doubled or out of range."""
    where = Q()
    for name in query:
        if name not in listing.filters and name not in _HOUSE:
            known = ", ".join(sorted([*listing.filters, *_HOUSE]))
            raise invalid(name[:100], f"is not a parameter of this list. Known are: {known}.")
    texts = {name: _only(query, name) for name in query}
    for name, filter in listing.filters.items():
        if name in texts:
            where &= filter.condition(account, name, texts[name])
    instead = "narrow the list with created_after or created_before instead"
    page = numbered_page(texts, first=0, default=DEFAULT_LIMIT, most=MAX_LIMIT, instead=instead)
    sort, descending = _order(listing, texts.get("sort_by", listing.default))
    return Asked(page.number, page.limit, where, sort, descending)


def envelope(
    asked: Asked, rows: QuerySet[Any], detailed: Callable[[Any], QuerySet[Any]], render: Callable[[Any], Any]
) -> dict[str, Any]:
    """One or two queries for the page's keys, one for its rows (`detailed` adds a constant), one for the count unless
    the page is the last.

    Keys come first because they are found in an index alone; only their rows are then joined with anything.
    """
    found = rows.filter(asked.where)
    keys = _keys(asked, found)
    shown = {row.pk: row for row in detailed(rows.filter(pk__in=keys))} if keys else {}
    data = [render(shown[key]) for key in keys if key in shown]
    is_last = len(keys) < asked.limit and (keys or not asked.start)
    total = asked.start + len(keys) if is_last else found.count()
    return {"page": asked.page, "total_count": total, "total_returned": len(data), "data": data}


def _keys(asked: Asked, found: QuerySet[Any]) -> list[Any]:
    if not asked.sort.nullable:
        return _slice(found.order_by(*asked.order), asked.start, asked.limit)
    # Rows with a value, then those without: an index has the latter at one end, so it cannot give both in one go.
    present = found.filter(asked.sort.is_null(False))
    keys = _slice(present.order_by(*asked.order), asked.start, asked.limit)
    missing = asked.limit - len(keys)
    if not missing:
        return keys
    valued = asked.start + len(keys) if keys or not asked.start else present.count()
    absent = found.filter(asked.sort.is_null(True)).order_by(*asked.ties)
    return keys + _slice(absent, max(asked.start - valued, 0), missing)


def _slice(rows: QuerySet[Any], start: int, length: int) -> list[Any]:
    return list(rows.values_list("pk", flat=True)[start : start + length])


def _only(query: Mapping[str, Any], name: str) -> str:
    values = query.getlist(name)  # type: ignore[attr-defined]
    if len(values) > 1:
        raise invalid(name, "is given more than once.")
    value = repaired(name, values[0])
    if not value.strip():
        raise invalid(name, "is empty. Leave the parameter out instead.")
    return value


def _order(listing: Listing, sort_by: str) -> tuple[Sort, bool]:
    """Which sort, and whether it descends."""
    field, _, direction = sort_by.rpartition("-")
    if field not in listing.sorts or direction not in ("asc", "desc"):
        choices = ", ".join(listing.sorts)
        raise invalid("sort_by", f"must be one of {choices}, followed by -asc or -desc.")
    return listing.sorts[field], direction == "desc"
