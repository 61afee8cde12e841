"""Running queries over thumbs; what one costs is bounded, whatever it asks for."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from time import monotonic
from typing import Any, NamedTuple

import psycopg
from django.db import OperationalError, connection, transaction

from accounts.models import Account
from feedback.domain.queries import thumb_columns as columns
from feedback.domain.queries import thumb_filters as filters
from feedback.domain.queries.thumb_columns import COLUMNS, Kind, Sql
from feedback.domain.queries.thumb_filters import Filter
from feedback.domain.queries.thumb_statement import FROM, Query, Statement, compiled
from feedbackhub.errors import Refused

# What an answer holds at most; a query that finds more says how many there are.
PAGE = 1_000
EXPORTED = 50_000
ANSWER_BYTES = 16 * 1024 * 1024
EXPORT_BYTES = 32 * 1024 * 1024
SECONDS = 5
# Of reading an export, of which no chunk may take longer than SECONDS to find.
EXPORT_SECONDS = 30
CHUNK = 20


class Row(NamedTuple):
    values: dict[str, Any]
    # How much came from the database, about.
    size: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The first PAGE rows, and how many there are."""

    rows: list[dict[str, Any]]
    total: int


def answer(*, account: Account, query: Query) -> Answer:
    """Raises Refused for a query that means nothing, and for one that takes too long or gives too much."""
    statement = compiled(account, query, PAGE)
    with _in_time(), closing(_read(statement, SECONDS)) as found:
        rows = [row.values for row in _bounded(found, ANSWER_BYTES)]
        if len(rows) < PAGE:
            return Answer(rows, len(rows))
        with connection.cursor() as cursor:
            cursor.execute(statement.total.text, statement.total.values)
            return Answer(rows, cursor.fetchone()[0])


@contextmanager
def exported(*, account: Account, query: Query) -> Iterator[tuple[list[str], Iterator[dict[str, Any]]]]:
    """The names of the columns, and all rows, which must be read inside. Raises Refused as `answer`."""
    statement = compiled(account, query, EXPORTED + 1)
    names = [name for name, output in statement.outputs.items() if output.shown]
    with _in_time(), closing(_read(statement, EXPORT_SECONDS)) as found:
        yield names, (row.values for row in _bounded(found, EXPORT_BYTES, EXPORTED))


def property_keys(*, account: Account, column: str, where: Filter | None) -> list[str]:
    """The names that properties have, in alphabetical order."""
    condition = filters.compiled(where)
    json_of = COLUMNS[column].sql
    text = (
        f"SELECT DISTINCT jsonb_object_keys(CASE WHEN jsonb_typeof({json_of}) = 'object' THEN {json_of} END) "
        f"{FROM}{condition.text} ORDER BY 1 LIMIT %s"
    )
    return _texts(Sql(text, (account.pk, *condition.values, PAGE)))


def property_values(*, account: Account, column: str, key: str, at_most: int) -> list[str]:
    """The values that one property has, as text, in alphabetical order."""
    found = columns.as_text(column, (key,))
    text = f"SELECT DISTINCT {found.text} {FROM}{found.text} IS NOT NULL ORDER BY 1 LIMIT %s"
    return _texts(Sql(text, (*found.values, account.pk, *found.values, at_most)))


@contextmanager
def _in_time() -> Iterator[None]:
    """Raises Refused for what takes longer than SECONDS; other failures of the database are none of the caller's."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {int(SECONDS * 1000)}")
            yield
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    except OperationalError as error:
        if not isinstance(error.__cause__, psycopg.errors.QueryCanceled):
            raise
        raise _too_long(SECONDS) from None


def _too_long(seconds: float) -> Refused:
    return Refused(f"The query takes longer than {seconds} seconds. Narrow it with where, or select less.")


def _read(statement: Statement, seconds: float) -> Generator[Row]:
    """The rows; Refused once it took so long. The database knows only how long one chunk takes."""
    end = monotonic() + seconds
    kinds = [(name, output.kind, output.shown) for name, output in statement.outputs.items()]
    # A cursor on the server: a thumb may have two megabytes of properties.
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement.rows.text, statement.rows.values)
        while rows := cursor.fetchmany(CHUNK):
            if monotonic() > end:
                raise _too_long(seconds)
            for row in rows:
                size = sum(len(value) for value in row if isinstance(value, str))
                yield Row(_values(kinds, row), size)


def _values(kinds: Sequence[tuple[str, Kind, bool]], row: Sequence[Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for (name, kind, wanted), value in zip(kinds, row, strict=True):
        # The client refuses an aggregate of null: over nothing there is none.
        if wanted and not (kind is Kind.NUMBER and value is None):
            shown[name] = _read_as[kind](value) if value is not None and kind in _read_as else value
    return shown


def _number(value: int | Decimal) -> int | float:
    whole = int(value)
    # A sum of doubles may be beyond a double; JSON has no bound.
    return whole if whole == value or abs(whole) > 10**300 else float(value)


_read_as: dict[Kind, Callable[[Any], Any]] = {Kind.JSON: json.loads, Kind.NUMBER: _number}


def _bounded(rows: Iterator[Row], at_most_bytes: int, at_most: int | None = None) -> Iterator[Row]:
    size = 0
    for number, row in enumerate(rows, 1):
        size += row.size
        if size > at_most_bytes:
            raise Refused(
                f"The answer is larger than {at_most_bytes >> 20} MiB. Select less, or narrow the query with where."
            )
        if at_most is not None and number > at_most:
            raise Refused(f"The query finds more than {at_most} rows. Narrow it with where.")
        yield row


def _texts(statement: Sql) -> list[str]:
    with _in_time(), connection.cursor() as cursor:
        cursor.execute(statement.text, statement.values)
        return [row[0] for row in cursor.fetchall()]
