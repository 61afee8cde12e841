"""Which thumbs a query is about: comparisons, joined by and/or, as SQL."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from feedback.domain.queries.thumb_columns import COLUMNS, Kind, Path, Sql, value
from feedbackhub.errors import Refused

NOTHING = ("isNull", "isNotNull")
EQUALITY = ("eq", "neq")
ORDER = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
LISTS = ("in", "notIn")
PLAIN = (*EQUALITY, *ORDER, *LISTS, *NOTHING)
INSIDE = (
    "arrayContains",
    "jsonContains",
    "jsonContainedBy",
    "jsonHasKey",
    "jsonArrayContainsObject",
    "jsonHasAnyKey",
    "jsonHasAllKeys",
)
OPERATORS = (*PLAIN, *INSIDE)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`value` fits the operator, and is a datetime (or several) where the column is a time; see `check`."""

    column: str
    operator: str
    value: Any = None
    path: Path = ()


@dataclass(frozen=True, slots=True)
class Joined:
    """All of the filters, or any of them; none of them says nothing."""

    all: bool
    filters: tuple[Filter, ...]


Filter: TypeAlias = Comparison | Joined


def compiled(wanted: Filter | None) -> Sql:
    """A condition. Raises Refused for an operator that means nothing for its column."""
    match wanted:
        case None:
            return Sql("TRUE")
        case Joined(filters=()):
            return Sql("TRUE")
        case Joined(all=both, filters=filters):
            parts = [compiled(each) for each in filters]
            text = (" AND " if both else " OR ").join(part.text for part in parts)
            return Sql(f"({text})", tuple(one for part in parts for one in part.values))
    return _comparison(wanted)


def _comparison(wanted: Comparison) -> Sql:
    operator = wanted.operator
    is_json = COLUMNS[wanted.column].kind is Kind.JSON
    if operator in INSIDE and not is_json:
        raise Refused(f"{operator} looks into JSON, which {wanted.column} is not.", field="operator")
    if operator in ORDER and is_json and not wanted.path:
        raise Refused(
            f"{operator} compares one value: name the path to it in {wanted.column}, as "
            '{"path": ["plan"], "value": "pro"}.',
            field="operator",
        )
    column = value(wanted.column, wanted.path)
    if operator in NOTHING or (operator in EQUALITY and wanted.value is None):
        present = operator in ("isNotNull", "neq")
        return Sql(f"({column.text}) IS {'NOT ' if present else ''}NULL", column.values)
    if operator in INSIDE:
        return _inside(column, operator, wanted.value)
    return _json(column, operator, wanted.value) if is_json else _plain(column, operator, wanted.value)


def _plain(column: Sql, operator: str, given: Any) -> Sql:
    if operator in LISTS:
        return _listed(column, operator, "%s", given)
    return Sql(f"({column.text}) {_sign(operator)} %s", (*column.values, given))


def _json(column: Sql, operator: str, given: Any) -> Sql:
    """As JSON compares: 1 is 1.0, and "1" is neither."""
    if operator in LISTS:
        return _listed(column, operator, "%s::text[]::jsonb[]", given, json.dumps)
    compared = Sql(f"{column.text} {_sign(operator)} %s::jsonb", (*column.values, json.dumps(given)))
    if operator in EQUALITY:
        return compared
    kind = "string" if isinstance(given, str) else "number"
    # JSON orders its types among themselves; nobody who asks for more than 3 means every text.
    return Sql(f"(jsonb_typeof({column.text}) = '{kind}' AND {compared.text})", (*column.values, *compared.values))


def _listed(
    column: Sql, operator: str, place: str, given: Sequence[Any], written: Callable[[Any], Any] = lambda one: one
) -> Sql:
    """One of several; null among them is having no value."""
    known = [written(one) for one in given if one is not None]
    text, values = f"({column.text}) = ANY({place})", (*column.values, known)
    if len(known) < len(given):
        text, values = f"({text} OR ({column.text}) IS NULL)", (*values, *column.values)
    return Sql(f"({text}) IS {'TRUE' if operator == 'in' else 'NOT TRUE'}", values)


def _sign(operator: str) -> str:
    # Having no value is not being equal, which SQL's <> leaves open.
    return {"eq": "=", "neq": "IS DISTINCT FROM", **ORDER}[operator]


def _inside(column: Sql, operator: str, given: Any) -> Sql:
    match operator:
        case "jsonHasKey":
            sign, argument = "? %s", given
        case "jsonHasAnyKey":
            sign, argument = "?| %s::text[]", list(given)
        case "jsonHasAllKeys":
            sign, argument = "?& %s::text[]", list(given)
        case "jsonContains":
            sign, argument = "@> %s::jsonb", json.dumps(given)
        case "jsonContainedBy":
            sign, argument = "<@ %s::jsonb", json.dumps(given)
        case "jsonArrayContainsObject":
            sign, argument = "@> %s::jsonb", json.dumps([given])
        case _:
            sign, argument = "@> %s::jsonb", json.dumps(given if isinstance(given, list) else [given])
    return Sql(f"({column.text}) {sign}", (*column.values, argument))
