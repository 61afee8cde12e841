"""What a list asks for: the query of every list, and the body of the search route."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F, Q
from django.http import QueryDict

from feedback.api.leadping import fields
from feedback.api.leadping.fields import FIELDS
from feedback.domain.queries import items as queries
from feedback.domain.queries.items import SEARCHED, ItemFilter, SortKey
from feedback.models import FeedbackItem
from feedbackhub.api.pagination import opened, sealed
from feedbackhub.api.times import format_utc
from feedbackhub.errors import FieldProblem, Invalid

DEFAULT_PAGE = 50
LARGEST_PAGE = 100
SEARCH_LENGTH = 200
# Parts of one list in the body, and values of one filter: more is no question that a table asks.
MOST = 50
MOST_KEYS = 5
# A token holds the last item's value of every sort key.
LONGEST_TOKEN = 32_768

EXACT = {"Area": "area", "BusinessId": "businessId", "Status": "status", "Type": "type"}
RANGE = {"CreatedStart": "gte", "CreatedEnd": "lte"}
BOUNDS = {"greaterThan": "gt", "greaterThanOrEqual": "gte", "lessThan": "lt", "lessThanOrEqual": "lte"}
DIRECTIONS = {"asc": False, "desc": True, None: False}
TIMES = [name for name, field in FIELDS.items() if field.is_time]
NAMES = {name.lower(): name for name in (*EXACT, *RANGE, "ContinuationToken", "PageSize", "Search")}
# A plus that was not percent-encoded arrives as a blank.
_LOST_PLUS = re.compile(r" (?=[0-9]{2}:?[0-9]{2}$)")


class Order(NamedTuple):
    """One key of the order asked for."""

    name: str
    descending: bool

    def key(self) -> SortKey:
        field = FIELDS[self.name]
        if isinstance(field.sort, F):
            return SortKey(field.column, self.descending)
        return SortKey(f"by_{field.column}", self.descending, field.sort)

    def __str__(self) -> str:
        return f"{self.name} {'desc' if self.descending else 'asc'}"


NEWEST = (Order("createdAt", descending=True),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    wanted: ItemFilter
    size: int
    order: tuple[Order, ...] = NEWEST
    after: list[Any] | None = None
    count: bool = False

    @property
    def keys(self) -> list[SortKey]:
        return [each.key() for each in self.order]

    def token_after(self, item: FeedbackItem) -> str:
        """Opaque to clients: where the last item seen stands in this order."""
        values = queries.position(item, self.keys)
        told = [format_utc(each, 6) if isinstance(each, datetime) else each for each in values]
        told = [str(each) if isinstance(each, UUID) else each for each in told]
        return sealed({"o": [str(each) for each in self.order], "v": told})


def parse_list(query: QueryDict) -> ListQuery:
    """The names come in any case, as the original binds them. Raises Invalid with a problem per parameter at fault."""
    return Asked(query, {}).parsed()


def parse_search(query: QueryDict, body: Mapping[str, Any]) -> ListQuery:
    """Filters of query and body hold together; of a size, token or search in both, the body's counts."""
    return Asked(query, body).parsed()


class Asked:
    """Reads a query and a body part by part and gathers what is wrong with them; unknown names are ignored."""

    def __init__(self, query: QueryDict, body: Mapping[str, Any]) -> None:
        self.body = body
        self.problems: list[FieldProblem] = []
        self.where = Q()
        # By their names in lower case: the name to complain about, and the value.
        self.given: dict[str, tuple[str, Any]] = {}
        self._take_query(query)
        for name in ("pageSize", "continuationToken", "search"):
            if body.get(name) is not None:
                self.given[name.lower()] = (name, body[name])

    def parsed(self) -> ListQuery:
        for name, field in EXACT.items():
            if (text := self._text(name)) is not None:
                self._equal(name, field, text)
        for name, lookup in RANGE.items():
            if (text := self._text(name)) is not None:
                self._bound(name, "createdAt", lookup, _LOST_PLUS.sub("+", text))
        for path, part in self._parts("filters"):
            self._filter(path, part)
        for path, part in self._parts("rangeFilters"):
            self._range_filter(path, part)
        order = self._order()
        found = ListQuery(
            wanted=ItemFilter(where=self.where, search=self._search(), search_in=self._search_fields()),
            size=self._size(),
            order=order,
            after=self._after(order),
            count=self._count(),
        )
        if self.problems:
            raise Invalid.many(self.problems)
        return found

    # --- The query ------------------------------------------------------------------------------------------

    def _take_query(self, query: QueryDict) -> None:
        for sent, values in query.lists():
            name = NAMES.get(sent.lower())
            if name is None:
                continue
            if len(values) > 1 or name.lower() in self.given:
                self._wrong(name, "Send it once.")
            if values[-1]:
                self.given[name.lower()] = (name, values[-1])

    def _text(self, name: str) -> str | None:
        return self.given[name.lower()][1] if name.lower() in self.given else None

    def _size(self) -> int:
        name, value = self.given.get("pagesize", ("", DEFAULT_PAGE))
        if (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, str) and value.isdecimal()):
            # As text: Python refuses to read thousands of digits as a number.
            digits = str(value).lstrip("0")
            if digits.isascii() and digits.isdecimal():
                return LARGEST_PAGE if len(digits) > 9 else min(int(digits), LARGEST_PAGE)
        self._wrong(name, "Must be a whole number of at least 1.")
        return DEFAULT_PAGE

    def _search(self) -> str:
        name, value = self.given.get("search", ("", ""))
        if isinstance(value, str) and len(value) <= SEARCH_LENGTH:
            return value
        self._wrong(name, f"Must be a string of at most {SEARCH_LENGTH} characters.")
        return ""

    def _after(self, order: tuple[Order, ...]) -> list[Any] | None:
        name, token = self.given.get("continuationtoken", ("", None))
        if token is None:
            return None
        try:
            seen = opened(token, longest=LONGEST_TOKEN)
            *values, id = seen["v"]
            if seen["o"] != [str(each) for each in order]:
                raise ValueError("of another order")
            told = [_told(each, value) for each, value in zip(order, values, strict=True)]
            return [*told, UUID(id)]
        except (ValueError, TypeError, KeyError, AttributeError):
            self._wrong(name, "Use the continuationToken of the page before, with the same orderBy.")
            return None

    # --- The body -------------------------------------------------------------------------------------------

    def _parts(self, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """The objects of a list, each with its path."""
        parts = self._list(name)
        for index, part in enumerate(parts):
            path = f"{name}[{index}]"
            if isinstance(part, dict):
                yield path, part
            else:
                self._wrong(path, "Must be an object.")

    def _list(self, name: str, most: int = MOST) -> list[Any]:
        value = self.body.get(name)
        if value is None:
            return []
        if isinstance(value, list) and len(value) <= most:
            return value
        self._wrong(name, f"Must be a list of at most {most}.")
        return []

    def _field(self, path: str, value: Any) -> str:
        """A field's name, "" if it is none."""
        name = fields.spelled(value)
        if name is None:
            self._wrong(path, "There is no such field. Name a member of a feedback item.")
        return name or ""

    def _filter(self, path: str, part: dict[str, Any]) -> None:
        name = self._field(f"{path}.field", part.get("field"))
        if "value" not in part:
            self._wrong(f"{path}.value", "Say which value the field must have; null is one.")
        elif name:
            self._equal(f"{path}.value", name, part["value"])

    def _range_filter(self, path: str, part: dict[str, Any]) -> None:
        name = self._field(f"{path}.field", part.get("field"))
        bounds = {member: part[member] for member in BOUNDS if part.get(member) is not None}
        if name and not FIELDS[name].is_time:
            self._wrong(f"{path}.field", f"Only times have ranges: {', '.join(TIMES)}.")
        elif not bounds:
            self._wrong(path, f"Needs a bound: {', '.join(BOUNDS)}.")
        elif name:
            for member, value in bounds.items():
                self._bound(f"{path}.{member}", name, BOUNDS[member], value)

    def _order(self) -> tuple[Order, ...]:
        found = []
        for index, part in enumerate(self._list("orderBy", MOST_KEYS)):
            path = f"orderBy[{index}]"
            sent = part if isinstance(part, dict) else {}
            name = self._field(f"{path}.field", sent.get("field"))
            if name and FIELDS[name].sort is None:
                self._wrong(f"{path}.field", "Items cannot be sorted by this field.")
            direction = sent.get("direction")
            # A list, since what was sent may not be hashable.
            if direction not in list(DIRECTIONS):
                self._wrong(f"{path}.direction", "Must be asc or desc.")
            elif name and FIELDS[name].sort is not None:
                found.append(Order(name, DIRECTIONS[direction]))
        # Of a field named twice the first says it all.
        return tuple({each.name: each for each in reversed(found)}.values())[::-1] or NEWEST

    def _search_fields(self) -> tuple[str, ...]:
        found = []
        for index, value in enumerate(self._list("searchFields")):
            name = self._field(f"searchFields[{index}]", value)
            if name and not FIELDS[name].is_text:
                self._wrong(f"searchFields[{index}]", "Only texts can be searched.")
            elif name:
                found.append(FIELDS[name].column)
        return tuple(found) or SEARCHED

    def _count(self) -> bool:
        value = self.body.get("includeCount")
        if value is not None and not isinstance(value, bool):
            self._wrong("includeCount", "Must be true or false.")
        return value is True

    # --- Both -----------------------------------------------------------------------------------------------

    def _wrong(self, name: str, message: str) -> None:
        self.problems.append(FieldProblem(name, message))

    def _equal(self, name: str, field: str, value: Any) -> None:
        if isinstance(value, list) and (len(value) > MOST or any(isinstance(each, list) for each in value)):
            self._wrong(name, f"Must be one value or a list of at most {MOST}.")
            return
        try:
            self.where &= FIELDS[field].equal_to(value)
        except ValueError as error:
            self._wrong(name, f"Must be {error}.")

    def _bound(self, name: str, field: str, lookup: str, value: Any) -> None:
        try:
            self.where &= Q(**{f"{FIELDS[field].column}__{lookup}": fields.moment(value)})
        except ValueError as error:
            self._wrong(name, f"Must be {error}.")


def _told(order: Order, value: Any) -> Any:
    """A token's sort value. ValueError, TypeError or AttributeError for what was never one."""
    kind = FIELDS[order.name].kind
    if kind is datetime:
        return fields.moment(value)
    if kind is UUID:
        return UUID(value)
    if type(value) is not kind:
        raise ValueError("never a sort value")
    return value
