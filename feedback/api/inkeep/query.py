"""The query language as it comes: a body becomes a Query, or the caller is told which member is at fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from feedback.api.inkeep.values import checked, wrong
from feedback.domain.queries.thumb_columns import COLUMNS, UNITS, Kind, Path
from feedback.domain.queries.thumb_filters import OPERATORS, Comparison, Filter, Joined
from feedback.domain.queries.thumb_statement import (
    AGGREGATIONS,
    Aggregate,
    Field,
    Group,
    Order,
    Query,
    Selection,
    Unit,
    is_name,
)

T = TypeVar("T")

MEMBERS = ("select", "groupBy", "where", "orderBy", "notes")
SELECTION = {
    "field": ("type", "field", "path", "mode"),
    "aggregation": ("type", "aggregation", "field", "path"),
    "time": ("type", "timeUnit", "field"),
}
MODES = ("unpack", "json")
PROPERTIES = ("properties", "userProperties")
VIEWS = ("events_view", "conversations_view", "semantic_threads_view", "feedback_view")
THUMBS_VIEW = "feedback_view"
DIRECTIONS = ("asc", "desc")

NOTES_LENGTH = 80
MOST_SELECTED, MOST_GROUPS, MOST_ORDERS = 50, 10, 10
LONGEST_PATH, LONGEST_STEP = 8, 255
DEEPEST, MOST_COMPARISONS = 8, 100
MOST_VALUES, USUAL_VALUES = 1_000, 100


def parse(body: Mapping[str, Any]) -> Query:
    """Raises Invalid naming the member."""
    _known(body, MEMBERS, "")
    notes = body.get("notes")
    if notes is not None and (not isinstance(notes, str) or len(notes) > NOTES_LENGTH):
        raise wrong("notes", f"must be a string of at most {NOTES_LENGTH} characters")
    return Query(
        select=tuple(_each(body, "select", MOST_SELECTED, _selection)),
        group_by=tuple(_each(body, "groupBy", MOST_GROUPS, _group)),
        where=_where(body),
        order_by=tuple(_each(body, "orderBy", MOST_ORDERS, _order)),
    )


def parse_keys(body: Mapping[str, Any]) -> tuple[str, Filter | None, bool]:
    """Which properties, of which thumbs, and whether thumbs are asked for at all."""
    _known(body, ("field", "views", "where"), "")
    return _one_of(body, "field", PROPERTIES, ""), _where(body), _of_thumbs(body)


def parse_values(body: Mapping[str, Any]) -> tuple[str, str, int, bool]:
    """Which properties, the name of one, how many values, and whether thumbs are asked for at all."""
    _known(body, ("field", "key", "views", "limit"), "")
    key = body.get("key")
    if not isinstance(key, str) or len(key) > LONGEST_STEP:
        raise wrong("key", f"must be a string of at most {LONGEST_STEP} characters")
    limit = body.get("limit")
    limit = USUAL_VALUES if limit is None else limit
    # JavaScript knows no whole numbers; 100.0 is one.
    if isinstance(limit, bool) or not isinstance(limit, int | float) or limit != int(limit):
        raise wrong("limit", f"must be a whole number from 1 to {MOST_VALUES}")
    if not 1 <= limit <= MOST_VALUES:
        raise wrong("limit", f"must be a whole number from 1 to {MOST_VALUES}")
    return _one_of(body, "field", PROPERTIES, ""), key, int(limit), _of_thumbs(body)


def _of_thumbs(body: Mapping[str, Any]) -> bool:
    views = body.get("views")
    if views is None:
        return True
    if not isinstance(views, list) or not all(isinstance(view, str) and view in VIEWS for view in views):
        raise wrong("views", f"must be an array of {', '.join(VIEWS)}")
    return THUMBS_VIEW in views


# --- select, groupBy, orderBy ---------------------------------------------------------------------------------------


def _selection(given: Mapping[str, Any], name: str) -> Selection:
    kind = _one_of(given, "type", tuple(SELECTION), name)
    _known(given, SELECTION[kind], name)
    if kind == "time":
        unit = _one_of(given, "timeUnit", UNITS, name)
        return Unit(_column(given, name) if given.get("field") is not None else "createdAt", unit)
    if kind == "field":
        mode = _one_of(given, "mode", MODES, name) if given.get("mode") is not None else MODES[0]
        return Field(_column(given, name), _path(given, name), as_json=mode == "json")
    aggregation = _one_of(given, "aggregation", AGGREGATIONS, name)
    if given.get("field") is None:
        if aggregation != "count" or given.get("path"):
            raise wrong(f"{name}.field", "must name a column")
        return Aggregate(aggregation)
    return Aggregate(aggregation, _column(given, name), _path(given, name))


def _group(given: Mapping[str, Any], name: str) -> Group:
    _known(given, ("field", "path", "includeInSelect"), name)
    shown = given.get("includeInSelect", True)
    if not isinstance(shown, bool):
        raise wrong(f"{name}.includeInSelect", "must be true or false")
    return Group(_column(given, name), _path(given, name), shown)


def _order(given: Mapping[str, Any], name: str) -> Order:
    _known(given, ("field", "direction"), name)
    field = given.get("field")
    if not isinstance(field, str) or not is_name(field):
        raise wrong(f"{name}.field", "must be a column, an aggregate such as count, or a unit such as createdAt_day")
    return Order(field, _one_of(given, "direction", DIRECTIONS, name) == "desc")


# --- where ----------------------------------------------------------------------------------------------------------


def _where(body: Mapping[str, Any]) -> Filter | None:
    if body.get("where") is None:
        return None
    return _filter(body["where"], "where", iter(range(MOST_COMPARISONS)), 1)


def _filter(given: Any, name: str, left: Iterator[int], depth: int) -> Filter:
    if not isinstance(given, dict) or len(given) != 1 or next(iter(given)) not in ("condition", "and", "or"):
        raise wrong(name, 'must be an object with one member: "condition", "and" or "or"')
    kind, inner = next(iter(given.items()))
    if depth > DEEPEST:
        raise wrong(name, f"must not be nested deeper than {DEEPEST} levels")
    if kind == "condition":
        if next(left, None) is None:
            raise wrong("where", f"must not hold more than {MOST_COMPARISONS} conditions")
        return _comparison(inner, f"{name}.condition")
    if not isinstance(inner, list) or len(inner) > MOST_COMPARISONS:
        raise wrong(f"{name}.{kind}", f"must be an array of at most {MOST_COMPARISONS} filters")
    parts = (_filter(each, f"{name}.{kind}.{number}", left, depth + 1) for number, each in enumerate(inner))
    return Joined(kind == "and", tuple(parts))


def _comparison(given: Any, name: str) -> Comparison:
    if not isinstance(given, dict):
        raise wrong(name, "must be an object")
    _known(given, ("field", "operator", "value"), name)
    column = _column(given, name)
    operator = _one_of(given, "operator", OPERATORS, name)
    value: Any = given.get("value")
    path: Path = ()
    is_json = COLUMNS[column].kind is Kind.JSON
    # JSON of their own may have a member "path", but then not these two alone.
    if is_json and isinstance(value, dict) and "path" in value and value.keys() <= {"path", "value"}:
        path = _path(value, f"{name}.value")
        value = value.get("value")
    return Comparison(column, operator, checked(column, operator, value, path, f"{name}.value"), path)


# --- Members --------------------------------------------------------------------------------------------------------


def _each(body: Mapping[str, Any], name: str, at_most: int, read: Callable[[Mapping[str, Any], str], T]) -> Iterator[T]:
    given = body.get(name)
    if given is None:
        return
    if not isinstance(given, list) or len(given) > at_most or not all(isinstance(each, dict) for each in given):
        raise wrong(name, f"must be an array of at most {at_most} objects")
    for number, each in enumerate(given):
        yield read(each, f"{name}.{number}")


def _known(given: Mapping[str, Any], members: tuple[str, ...], name: str) -> None:
    """A member that means nothing here is refused: an answer to half a question looks like an answer."""
    for member in given:
        if member not in members:
            raise wrong(f"{name}.{member[:64]}" if name else member[:64], f"is unknown; there are {', '.join(members)}")


def _one_of(given: Mapping[str, Any], member: str, known: tuple[str, ...], name: str) -> str:
    value = given.get(member)
    if not isinstance(value, str) or value not in known:
        raise wrong(f"{name}.{member}" if name else member, f"must be one of {', '.join(known)}")
    return value


def _column(given: Mapping[str, Any], name: str) -> str:
    return _one_of(given, "field", tuple(COLUMNS), name)


def _path(given: Mapping[str, Any], name: str) -> Path:
    path = given.get("path")
    if path is None:
        return ()
    if not isinstance(path, list) or not all(isinstance(step, str) and len(step) <= LONGEST_STEP for step in path):
        raise wrong(f"{name}.path", "must be an array of strings")
    if len(path) > LONGEST_PATH:
        raise wrong(f"{name}.path", f"must have at most {LONGEST_PATH} steps")
    return tuple(path)
