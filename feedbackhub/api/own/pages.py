"""Lists of the own API: `limit`, `sort`, and a cursor that goes on behind the row last seen in that sort."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
from drf_spectacular.utils import OpenApiParameter

from feedbackhub.api.openapi import parameter
from feedbackhub.api.pagination import opened, sealed, whole_number
from feedbackhub.errors import Invalid

R = TypeVar("R")
# For times in a cursor: one without a zone would mean another moment on another machine.
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
DEFAULT_LIMIT = 50
LARGEST_LIMIT = 1000
NO_CURSOR = "leave it out for the first page, else send next_cursor of the page before"
OTHER_SORT = "belongs to another sort; keep the sort of the page before, or leave the cursor out"


@dataclass(frozen=True, slots=True)
class Sort:
    """One order of a list: columns as feedbackhub.keyset takes them, the last one unique, and the types of a cursor."""

    columns: tuple[str, ...]
    types: tuple[Any, ...]

    def key(self, row: Any) -> list[Any]:
        return [getattr(row, column.removeprefix("-")) for column in self.columns]


@dataclass(frozen=True, slots=True)
class Asked:
    """A page that was asked for. Ask the database for `limit + 1` rows: one more tells whether there is a next page."""

    name: str
    sort: Sort
    limit: int
    # What `sort.key` was of the row last seen; None for the first page.
    after: tuple[Any, ...] | None

    def page(self, rows: Sequence[R], render: Callable[[R], Any]) -> dict[str, Any]:
        """The envelope of every list; `next_cursor` is null on the last page."""
        shown = rows[: self.limit]
        more = len(rows) > self.limit
        cursor = cursor_behind(self.name, self.sort.key(shown[-1])) if more else None
        return {"data": [render(row) for row in shown], "next_cursor": cursor}


def cursor_behind(name: str, key: Sequence[Any]) -> str:
    """Opaque to clients: the sort, and what its columns hold in the row last seen."""
    return sealed({"s": name, "k": msgspec.to_builtins(key)})


def parameters(sorts: Mapping[str, Sort]) -> list[OpenApiParameter]:
    """What `parse` reads, for `@describe`; the first sort is the default."""
    first = next(iter(sorts))
    return [
        parameter("limit", Annotated[int, msgspec.Meta(ge=1, le=LARGEST_LIMIT)], f"{DEFAULT_LIMIT} unless told."),
        parameter("sort", {"enum": list(sorts)}, f"{first} unless told."),
        parameter("cursor", str, "next_cursor of the page before; it holds for the sort it was made in."),
    ]


def parse(query: Mapping[str, str], sorts: Mapping[str, Sort]) -> Asked:
    """The page that was asked for. Raises Invalid."""
    name = query.get("sort", next(iter(sorts)))
    if name not in sorts:
        raise Invalid(f"must be one of: {', '.join(sorts)}", field="sort")
    limit = whole_number(query, "limit", default=DEFAULT_LIMIT, low=1, high=LARGEST_LIMIT)
    cursor = query.get("cursor")
    return Asked(name, sorts[name], limit, _after(cursor, name, sorts[name]) if cursor is not None else None)


def _after(cursor: str, name: str, sort: Sort) -> tuple[Any, ...]:
    shape: Any = tuple[sort.types]  # type: ignore[name-defined]
    try:
        seen = opened(cursor)
        own = seen["s"] == name
        key: tuple[Any, ...] = msgspec.convert(seen["k"], shape) if own else ()
    except (ValueError, KeyError, msgspec.ValidationError):
        raise Invalid(NO_CURSOR, field="cursor") from None
    if not own:
        raise Invalid(OTHER_SORT, field="cursor")
    return key
