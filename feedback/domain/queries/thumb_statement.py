"""A query over thumbs as a statement: what it selects, groups by and orders by, under which names.

A query that aggregates or names a time unit makes groups, any other one makes a row per thumb.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from accounts.models import Account
from feedback.domain.queries import thumb_columns as columns
from feedback.domain.queries import thumb_filters as filters
from feedback.domain.queries.thumb_columns import COLUMNS, UNITS, Kind, Path, Sql
from feedback.domain.queries.thumb_filters import Filter
from feedback.models import FeedbackRecord
from feedbackhub.errors import Refused

AGGREGATIONS = ("sum", "count", "countDistinct", "avg", "min", "max")
FROM = (
    f"FROM {FeedbackRecord._meta.db_table} t JOIN {Account._meta.db_table} a ON a.id = t.account_id "
    # As literals: the planner takes the partial indexes of thumbs only if it sees the contract.
    f"WHERE t.account_id = %s AND t.tenant_id = '' AND t.contract = '{FeedbackRecord.Contract.INKEEP.value}' AND "
)


@dataclass(frozen=True, slots=True)
class Field:
    """A column, or what is at a path of its JSON: as text, or as it was sent."""

    column: str
    path: Path = ()
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Without a column, `count` counts the thumbs."""

    aggregation: str
    column: str | None = None
    path: Path = ()


@dataclass(frozen=True, slots=True)
class Unit:
    """The hour, day, week or month that a time is in; groups by it."""

    column: str
    unit: str


Selection: TypeAlias = Field | Aggregate | Unit


@dataclass(frozen=True, slots=True)
class Group:
    column: str
    path: Path = ()
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Order:
    """`name` is how the answer calls it."""

    name: str
    descending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Nothing selected and nothing grouped: every column."""

    select: tuple[Selection, ...] = ()
    group_by: tuple[Group, ...] = ()
    where: Filter | None = None
    order_by: tuple[Order, ...] = ()

    @property
    def makes_groups(self) -> bool:
        return bool(self.group_by) or any(isinstance(each, Aggregate | Unit) for each in self.select)


class Output(NamedTuple):
    kind: Kind
    sql: Sql
    shown: bool = True
    grouped: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    outputs: dict[str, Output]
    rows: Sql
    total: Sql


def compiled(account: Account, query: Query, at_most: int) -> Statement:
    outputs = _outputs(query)
    order = _ordered(query, outputs)
    places = {name: number for number, name in enumerate(outputs, 1)}
    condition = filters.compiled(query.where)
    shown = ", ".join(output.sql.text for output in outputs.values())
    values = tuple(value for output in outputs.values() for value in output.sql.values)
    # By place: an expression with parameters is the same one only to who wrote it.
    groups = ", ".join(str(places[name]) for name, output in outputs.items() if output.grouped)
    body = f"SELECT {shown} {FROM}{condition.text}{f' GROUP BY {groups}' if groups else ''}"
    values = (*values, account.pk, *condition.values)
    rows = Sql(f"{body} ORDER BY {_order(order, places, query)} LIMIT %s", (*values, at_most))
    if query.makes_groups:
        return Statement(outputs, rows, Sql(f"SELECT count(*) FROM ({body}) AS found", values))  # noqa: S608
    return Statement(outputs, rows, Sql(f"SELECT count(*) {FROM}{condition.text}", (account.pk, *condition.values)))


def _outputs(query: Query) -> dict[str, Output]:
    """What the rows hold, by name."""
    outputs: dict[str, Output] = {}
    for group in query.group_by:
        kind, sql = _field(Field(group.column, group.path))
        _add(outputs, _name(group.column, group.path), Output(kind, sql, group.shown, grouped=True))
    whole = () if query.select or query.group_by else tuple(Field(column) for column in COLUMNS)
    for selection in query.select or whole:
        match selection:
            case Aggregate():
                _add(outputs, _aggregate_name(selection), Output(Kind.NUMBER, _aggregate(selection)))
            case Unit(column, unit):
                if COLUMNS[column].kind is not Kind.TIME:
                    raise Refused(f"{column} is no time; createdAt and updatedAt are.", field="select")
                sql = columns.started(column, unit)
                _add(outputs, f"{column}_{unit}", Output(Kind.TIME, sql, grouped=True))
            case Field(column, path):
                name = _name(column, path)
                if query.makes_groups and name not in outputs:
                    raise Refused(f"{name} is selected but neither grouped by nor aggregated.", field="select")
                kind, sql = _field(selection)
                _add(outputs, name, Output(kind, sql, grouped=query.makes_groups))
    return outputs


def _add(outputs: dict[str, Output], name: str, output: Output) -> None:
    known = outputs.get(name)
    if known is not None and known.sql != output.sql:
        raise Refused(f"Two different things would be called {name}.", field="select")
    outputs[name] = output._replace(shown=output.shown or (known is not None and known.shown))


def _field(field: Field) -> tuple[Kind, Sql]:
    column = COLUMNS[field.column]
    if not field.path:
        return column.kind, Sql(column.sql)
    _check_path(field.column, field.path)
    if field.as_json:
        return Kind.JSON, columns.value(field.column, field.path)
    return Kind.TEXT, columns.as_text(field.column, field.path)


def _aggregate(wanted: Aggregate) -> Sql:
    aggregation = "count" if wanted.aggregation == "countDistinct" else wanted.aggregation
    if wanted.column is None:
        return Sql("count(*)")
    _check_path(wanted.column, wanted.path)
    if aggregation == "count":
        found = columns.value(wanted.column, wanted.path)
        return Sql(f"count({'DISTINCT ' * (wanted.aggregation != 'count')}{found.text})", found.values)
    kind = COLUMNS[wanted.column].kind
    if kind is Kind.TIME and aggregation in ("min", "max"):
        # Aggregates are numbers to the client: a moment is its milliseconds.
        return Sql(f"floor(extract(epoch FROM {aggregation}({COLUMNS[wanted.column].sql})) * 1000)")
    if not wanted.path:
        raise Refused(
            f"{aggregation} needs numbers, and {wanted.column} is none: name the path to one in properties.",
            field="select",
        )
    found = columns.number(wanted.column, wanted.path)
    text = f"{aggregation}({found.text})"
    return Sql(f"COALESCE({text}, 0)" if aggregation == "sum" else text, found.values)


def _check_path(column: str, path: Path) -> None:
    if path and COLUMNS[column].kind is not Kind.JSON:
        raise Refused(f"{column} is no JSON: there is no path into it.", field="path")


def _name(column: str, path: Path = ()) -> str:
    return ".".join((column, *path))


def _aggregate_name(wanted: Aggregate) -> str:
    return f"{wanted.aggregation}_{_name(wanted.column, wanted.path)}" if wanted.column else wanted.aggregation


def _ordered(query: Query, outputs: dict[str, Output]) -> list[Order]:
    """The wanted order; a row may be ordered by a column that is not shown."""
    for order in query.order_by:
        if order.name in outputs:
            continue
        if query.makes_groups or order.name not in COLUMNS:
            raise Refused(f"{order.name} is not among what the query selects or groups by.", field="orderBy")
        outputs[order.name] = Output(COLUMNS[order.name].kind, Sql(COLUMNS[order.name].sql), shown=False)
    return list(query.order_by)


def _order(orders: Sequence[Order], places: dict[str, int], query: Query) -> str:
    """Never left to chance: newest thumbs first, groups by what they are grouped by."""
    wanted = [f"{places[order.name]} {'DESC' if order.descending else 'ASC'} NULLS LAST" for order in orders]
    if query.makes_groups:
        return ", ".join([*wanted, *(str(place) for place in places.values())])
    return ", ".join([*wanted, "t.collected_at DESC", "t.id DESC"])


def is_name(text: str) -> bool:
    """Whether an answer could call something so: what may be ordered by, given the right selection."""
    head, _, rest = text.partition("_")
    if head in AGGREGATIONS and (not rest or rest.partition(".")[0] in COLUMNS):
        return True
    return text.partition(".")[0] in COLUMNS or (head in COLUMNS and rest in UNITS)
