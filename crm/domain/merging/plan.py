"""What a merge would do, before anybody does it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from crm.domain import suppressions
from crm.domain.merging import relations
from crm.domain.merging.relations import Pair
from crm.models import Customer

# Column and what people call it.
FIELDS = {
    "email": "E-mail",
    "mobile_number": "Mobile number",
    "fname": "First name",
    "sname": "Last name",
    "country_code": "Country",
    "time_zone": "Time zone",
    "language": "Language",
    "company": "Company",
    "internal": "Internal",
}
PROPERTY = "property:"
NOTHING = (None, "")
# Nor is it worth a line that somebody is no colleague.
UNTOLD = (*NOTHING, False)


@dataclass(frozen=True)
class Choice:
    """One value of the person: the winner's, the loser's, and which it will be."""

    name: str
    label: str
    kept: Any
    other: Any
    result: Any

    @property
    def open(self) -> bool:
        """Whether somebody has to say which one it is."""
        return bool(self.kept not in NOTHING and self.other not in NOTHING and self.kept != self.other)

    @property
    def taken(self) -> bool:
        return bool(self.result == self.other and self.other != self.kept)


@dataclass(frozen=True)
class Moving:
    """Rows of one kind; `staying` are those that the winner has the like of."""

    title: str
    rows: int
    staying: int


@dataclass(frozen=True)
class Plan:
    winner: Customer
    loser: Customer
    choices: list[Choice]
    moving: list[Moving]
    # What else happens, in sentences.
    notes: list[str]

    @property
    def rows(self) -> int:
        return sum(each.rows for each in self.moving)


def of(*, winner: Customer, loser: Customer, take: Collection[str] = ()) -> Plan:
    """`take` names the values that are the loser's where both have one: columns, and "property:<name>"."""
    pair = Pair(winner, loser)
    notes = [sentence for settler in relations.settlers() for sentence in settler(pair)]
    if suppressions.is_opted_out(winner) or suppressions.is_opted_out(loser):
        notes.append("What either of them wants no messages by, the one who stays will not be sent either.")
    return Plan(winner, loser, choices(winner, loser, take), list(_moving(winner, loser)), notes)


def choices(winner: Customer, loser: Customer, take: Collection[str]) -> list[Choice]:
    """Every value that either of them has."""
    found = [*_columns(winner, loser, take), *_properties(winner, loser, take)]
    return [each for each in found if each.kept not in UNTOLD or each.other not in UNTOLD]


def _columns(winner: Customer, loser: Customer, take: Collection[str]) -> Iterator[Choice]:
    for name, label in FIELDS.items():
        kept, other = getattr(winner, name), getattr(loser, name)
        yield _choice(name, label, kept, other, take)


def _properties(winner: Customer, loser: Customer, take: Collection[str]) -> Iterator[Choice]:
    for name in sorted({*winner.properties, *loser.properties}):
        kept, other = winner.properties.get(name), loser.properties.get(name)
        yield _choice(f"{PROPERTY}{name}", name, kept, other, take)


def _choice(name: str, label: str, kept: Any, other: Any, take: Collection[str]) -> Choice:
    theirs = kept in NOTHING or (name in take and other not in NOTHING)
    return Choice(name, label, kept, other, other if theirs else kept)


def _moving(winner: Customer, loser: Customer) -> Iterator[Moving]:
    for relation in relations.all_of():
        every = relation.of(loser.pk).count()
        if every:
            moves = relation.moving(winner_id=winner.pk, loser_id=loser.pk).count()
            yield Moving(relation.title, moves, every - moves)
