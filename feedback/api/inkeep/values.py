"""What a comparison may be with, by its operator and column."""

from __future__ import annotations

from typing import Any

from feedback.domain.queries.thumb_columns import COLUMNS, Kind, Path
from feedback.domain.queries.thumb_filters import EQUALITY, INSIDE, LISTS, NOTHING, ORDER
from feedbackhub.api.errors import ApiError
from feedbackhub.api.times import parse_timestamp
from feedbackhub.errors import FieldProblem, Invalid

LONGEST_LIST = 1_000
KEYS = ("jsonHasAnyKey", "jsonHasAllKeys")
SCALARS = (str, int, float, bool)


def checked(column: str, operator: str, value: Any, path: Path, name: str) -> Any:
    """The value as the domain wants it. Raises Invalid for one that does not fit the operator."""
    kind = COLUMNS[column].kind
    if operator in NOTHING:
        return None
    if operator in LISTS:
        return _list(kind, value, name)
    if operator in INSIDE:
        return _inside(operator, value, name)
    if operator in EQUALITY and value is None:
        return None
    if kind is not Kind.JSON:
        return _plain(kind, value, name)
    if operator in ORDER and (isinstance(value, bool) or not isinstance(value, str | int | float)):
        raise wrong(name, "must be a string or a number")
    return value


def _list(kind: Kind, value: Any, name: str) -> list[Any]:
    if not isinstance(value, list) or len(value) > LONGEST_LIST:
        raise wrong(name, f"must be an array of at most {LONGEST_LIST} values")
    return [
        each if each is None or kind is Kind.JSON else _plain(kind, each, f"{name}.{number}")
        for number, each in enumerate(value)
    ]


def _plain(kind: Kind, value: Any, name: str) -> Any:
    if kind is Kind.TIME:
        try:
            return parse_timestamp(value, name)
        except ApiError as error:
            raise Invalid.many(error.problems) from None
    if not isinstance(value, str):
        raise wrong(name, "must be a string")
    return value


def _inside(operator: str, value: Any, name: str) -> Any:
    if operator == "jsonHasKey" and not isinstance(value, str):
        raise wrong(name, "must be a string")
    if operator in KEYS and not (
        isinstance(value, list) and len(value) <= LONGEST_LIST and all(isinstance(each, str) for each in value)
    ):
        raise wrong(name, f"must be an array of at most {LONGEST_LIST} strings")
    if operator == "jsonArrayContainsObject" and not isinstance(value, dict):
        raise wrong(name, "must be an object")
    if operator == "arrayContains":
        among = value if isinstance(value, list) else [value]
        if len(among) > LONGEST_LIST or not all(isinstance(each, SCALARS) or each is None for each in among):
            raise wrong(name, "must be a string, a number, true or false, or an array of these")
    return value


def wrong(name: str, message: str) -> Invalid:
    """One member at fault, by its place in the body."""
    return Invalid.many([FieldProblem(name, message)])
