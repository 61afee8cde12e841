"""Pages: by number for contracts that have them so, by keyset cursor for the others. Counting is the caller's."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from feedbackhub.api.errors import ApiError, invalid
from feedbackhub.api.parsers import check_text
from feedbackhub.api.times import format_utc, parse_timestamp

M = TypeVar("M", bound=Model)

# An offset costs what it skips; deeper than this the caller narrows the list instead.
DEEPEST = 10_000
_LONGEST_CURSOR = 1_024
BAD_CURSOR = "is not a cursor of this list; leave it out for the first page"
FOREIGN_CURSOR = "was made for another order; start again without it"


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


def numbered_page(query: Mapping[str, str], *, first: int, default: int, most: int, narrow_by: str) -> Page:
    """`page` from `first` and `limit` 1..most. Pages beyond DEEPEST are refused, naming the filter that helps."""
    limit = whole_number(query, "limit", default=default, low=1, high=most)
    number = whole_number(query, "page", default=first, low=first, high=10**9)
    offset = (number - first) * limit
    if offset > DEEPEST:
        raise invalid("page", f"must not reach beyond row {DEEPEST}; narrow the list by {narrow_by} instead")
    return Page(number, limit, offset)


@dataclass(frozen=True)
class Sort:
    """An order that a cursor is bound to: its name on the wire and its columns, the last one unique.

    Columns are not null; a leading `-` is descending. `types` say how each value is read back.
    """

    name: str
    columns: tuple[str, ...]
    types: tuple[type, ...]

    def cursor_of(self, row: Model) -> str:
        """Where the list goes on behind `row`."""
        values = [_written(getattr(row, column.removeprefix("-"))) for column in self.columns]
        data = json.dumps({"s": self.name, "v": values}, separators=(",", ":"))
        return base64.urlsafe_b64encode(data.encode()).decode().rstrip("=")

    def read(self, cursor: str, *, field: str) -> list[Any]:
        """The values in a cursor of this order; ApiError INVALID names `field`."""
        name, values = _opened(cursor, field)
        if name != self.name:
            raise invalid(field, FOREIGN_CURSOR)
        if not isinstance(values, list) or len(values) != len(self.types):
            raise invalid(field, BAD_CURSOR)
        try:
            return [_READERS[kind](value) for kind, value in zip(self.types, values, strict=True)]
        except (ValueError, ApiError):
            raise invalid(field, BAD_CURSOR) from None

    def behind(self, values: Sequence[Any]) -> Q:
        """Rows that come after those values. The bound on the first column is what lets an index skip to them."""
        condition = Q()
        for column, value in reversed(list(zip(self.columns, values, strict=True))):
            name, step = column.removeprefix("-"), "lt" if column.startswith("-") else "gt"
            beyond = Q(**{f"{name}__{step}": value})
            condition = beyond | (Q(**{name: value}) & condition) if condition else beyond
        first = self.columns[0].removeprefix("-")
        bound = "lte" if self.columns[0].startswith("-") else "gte"
        return Q(**{f"{first}__{bound}": values[0]}) & condition


@dataclass(frozen=True)
class KeysetPage(Generic[M]):
    rows: list[M]
    next_cursor: str | None


def keyset_page(
    queryset: QuerySet[M], *, sort: Sort, cursor: str | None, limit: int, field: str = "cursor"
) -> KeysetPage[M]:
    """One page behind `cursor`; `next_cursor` only if there is one more row."""
    if cursor is not None:
        queryset = queryset.filter(sort.behind(sort.read(cursor, field=field)))
    rows = list(queryset.order_by(*sort.columns)[: limit + 1])
    page = rows[:limit]
    return KeysetPage(page, sort.cursor_of(page[-1]) if len(rows) > limit else None)


def _opened(cursor: str, field: str) -> tuple[Any, Any]:
    try:
        if len(cursor) > _LONGEST_CURSOR:
            raise ValueError
        padded = cursor + "=" * (-len(cursor) % 4)
        data = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        return data["s"], data["v"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise invalid(field, BAD_CURSOR) from None


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return format_utc(value, 6)
    return str(value) if isinstance(value, UUID) else value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError
    check_text(value, "")
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**63:
        raise ValueError
    return value


_READERS: dict[type, Callable[[Any], Any]] = {
    datetime: lambda value: parse_timestamp(value, ""),
    UUID: lambda value: UUID(_text(value)),
    int: _number,
    str: _text,
}
