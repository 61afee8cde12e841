"""What hangs on a customer. Every app names its own relations when it is ready: a merge moves them.

A relation that is forgotten would leave its rows with the tombstone; a test walks all foreign keys to Customer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from crm.models import Customer, CustomerLocation, Identity, Suppression
from crm.models.merge import MergedRow, MergeRecord

# Within one transaction, far below the statement time-out.
CHUNK = 2_000
# Longer than any transaction of ours.
AROUND = timedelta(seconds=60)


@dataclass(frozen=True)
class Once:
    """What a customer may have one row of, as a unique constraint says it: these columns, under this condition."""

    columns: tuple[str, ...]
    condition: Q = field(default_factory=Q)


@dataclass(frozen=True)
class Relation:
    """Rows of a customer, by a foreign key; `title` names them for people. A row that the winner has the like of
    (`once`) stays with the tombstone, where it is no longer looked at. `made` says when a row was made."""

    model: type[Model]
    title: str
    column: str = "customer"
    once: tuple[Once, ...] = ()
    made: str = "created_at"

    def of(self, customer_id: int) -> QuerySet[Any]:
        return self.model._base_manager.filter(**{self.column: customer_id})

    def late(self, record: MergeRecord) -> QuerySet[Any]:
        """What was stored for the tombstone while it became one. What stayed by decision stays."""
        rows = self.moving(winner_id=record.winner_id, loser_id=record.loser_id)
        return rows.filter(**{f"{self.made}__gt": record.merged_at - AROUND}) if self.once else rows

    def moving(self, *, winner_id: int, loser_id: int) -> QuerySet[Any]:
        """The loser's rows that may become the winner's."""
        rows = self.of(loser_id)
        for once in self.once:
            same = {column: OuterRef(column) for column in once.columns}
            twins = self.of(winner_id).filter(once.condition, **same)
            rows = rows.exclude(pk__in=self.of(loser_id).filter(once.condition).filter(Exists(twins)).values("pk"))
        return rows


@dataclass(frozen=True)
class Pair:
    """Two customers of one account on their way to being one; `record` is None while it is only planned."""

    winner: Customer
    loser: Customer
    record: MergeRecord | None = None

    def change(self, row: Model, **values: Any) -> None:
        """Write columns of a row so that undoing finds its way back."""
        if self.record is None:
            raise ValueError("only planned")
        columns = {name: row._meta.get_field(name).attname for name in values}  # type: ignore[union-attr]
        before = {column: getattr(row, column) for column in columns.values()}
        after = {columns[name]: value for name, value in values.items()}
        type(row)._base_manager.filter(pk=row.pk).update(**after)
        note(self.record, row, before=before, after=after)


# Given the pair, before its rows move: settles what two rows of one person must not both do, and says it in words. With
# no record it only says it.
Settler = Callable[[Pair], Iterable[str]]

_relations: list[Relation] = []
_settlers: list[Settler] = []
# Foreign keys to Customer that no merge moves, and why.
EXCUSED = {
    "crm.Lookback.customer": "a queue: the winner is put into it anew",
    "crm.MergeRecord.winner": "says what happened",
    "crm.MergeRecord.loser": "says what happened",
}


def register(*relations: Relation) -> None:
    _relations.extend(relation for relation in relations if relation not in _relations)


def settle_by(settler: Settler) -> None:
    if settler not in _settlers:
        _settlers.append(settler)


def all_of() -> list[Relation]:
    return list(_relations)


def settlers() -> list[Settler]:
    return list(_settlers)


def note(record: MergeRecord, row: Model, *, before: dict[str, Any] | None, after: dict[str, Any]) -> None:
    MergedRow.objects.create(
        merge=record,
        model=row._meta.label_lower,
        row=str(row.pk),
        before=None if before is None else _plain(before),
        after=_plain(after),
    )


def move(record: MergeRecord, relation: Relation, rows: QuerySet[Any], *, at_most: int) -> int:
    """Give the loser's rows to the winner; how many. More than `at_most`: that many and one are reported."""
    winner_id, loser_id = record.winner_id, record.loser_id
    column = relation.model._meta.get_field(relation.column).attname  # type: ignore[union-attr]
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[: at_most + 1])
    for start in range(0, min(len(ids), at_most), CHUNK):
        some = ids[start : start + CHUNK]
        relation.model._base_manager.filter(pk__in=some).update(**{column: winner_id})
        label, before, after = relation.model._meta.label_lower, {column: loser_id}, {column: winner_id}
        MergedRow.objects.bulk_create(
            [MergedRow(merge=record, model=label, row=str(id), before=before, after=after) for id in some]
        )
    return len(ids)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Times as text, which the columns read back."""
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}


_STANDING = Q(lifted_at=None, address="")

register(
    Relation(Identity, "ids"),
    Relation(CustomerLocation, "locations", once=(Once(("location",)),)),
    Relation(Suppression, "do-not-contact entries", once=(Once(("account", "channel", "reason"), _STANDING),)),
    Relation(Customer, "customers merged before", column="merged_into"),
)
