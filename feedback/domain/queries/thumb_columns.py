"""What a query over thumbs may name, and the SQL behind each name: the allow-list of the query language.

SQL is put together from constants of this package only; whatever a caller sent, names inside of JSON too, is a
parameter.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias

Path: TypeAlias = tuple[str, ...]


class Sql(NamedTuple):
    """A piece of a statement with the values of its placeholders."""

    text: str
    values: tuple[Any, ...] = ()


class Kind(StrEnum):
    TEXT = "text"
    TIME = "time"
    JSON = "json"
    NUMBER = "number"


class Column(NamedTuple):
    kind: Kind
    sql: str


def _sent(name: str) -> str:
    """A member as it was sent; JSON's null is no value."""
    return f"NULLIF(t.raw -> '{name}', 'null')"


# `t` is the record, `a` its account.
COLUMNS: dict[str, Column] = {
    "id": Column(Kind.TEXT, "t.submission_id"),
    "type": Column(Kind.TEXT, "CASE WHEN t.value_boolean THEN 'positive' ELSE 'negative' END"),
    "messageId": Column(Kind.TEXT, "t.source_id"),
    "createdAt": Column(Kind.TIME, "t.collected_at"),
    "updatedAt": Column(Kind.TIME, "t.updated_at"),
    "organizationId": Column(Kind.TEXT, "a.public_id"),
    "reasons": Column(Kind.JSON, _sent("reasons")),
    "sources": Column(Kind.JSON, _sent("sources")),
    "details": Column(Kind.TEXT, "t.raw ->> 'details'"),
    "properties": Column(Kind.JSON, _sent("properties")),
    "userProperties": Column(Kind.JSON, _sent("userProperties")),
    "conversationId": Column(
        Kind.TEXT,
        "COALESCE(t.raw #>> '{conversation,id}', t.raw #>> '{message,conversationId}', t.source_id)",
    ),
    "projectId": Column(Kind.TEXT, "t.raw #>> '{conversation,projectId}'"),
    "integrationId": Column(Kind.TEXT, "t.raw #>> '{conversation,integrationId}'"),
}
UNITS = ("hour", "day", "week", "month")


def value(name: str, path: Path = ()) -> Sql:
    """The column, or what its JSON holds at a path, as JSON."""
    sql = COLUMNS[name].sql
    return Sql(f"NULLIF({sql} #> %s::text[], 'null')", (list(path),)) if path else Sql(sql)


def as_text(name: str, path: Path) -> Sql:
    """What the JSON holds at a path, as text: a string without its quotes."""
    return Sql(f"({COLUMNS[name].sql} #>> %s::text[])", (list(path),))


def started(name: str, unit: str) -> Sql:
    """When the unit began that a time is in. Days are UTC's, weeks begin on Monday."""
    return Sql(f"date_trunc('{unit}', {COLUMNS[name].sql}, 'UTC')")


def number(name: str, path: Path) -> Sql:
    """What the JSON holds at a path if that is a number; a number in a string is a string."""
    found = value(name, path)
    text = f"CASE WHEN jsonb_typeof({found.text}) = 'number' THEN ({found.text})::numeric END"
    return Sql(text, found.values * 2)
