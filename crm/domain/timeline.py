"""Everything about one person in one list, newest first. Apps to the right contribute what they know of: see
`contribute`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Literal, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet

from crm.models import Customer, Suppression
from feedbackhub.keyset import behind

Tone = Literal["good", "bad", "plain"]
M = TypeVar("M", bound=Model)
APART = "~"
LONGEST_PLACE = 120


@dataclass(frozen=True)
class Entry:
    """One thing that happened. `row` is what it happened to, and what to open for more."""

    at: datetime
    kind: str
    title: str
    detail: str = ""
    tone: Tone = "plain"
    row: Model | None = None


@dataclass(frozen=True)
class Place:
    """Right behind an entry: of one moment, kinds are in alphabetical order and rows of one kind newest id first."""

    at: datetime
    kind: str
    id: str

    @classmethod
    def of(cls, entry: Entry) -> Place:
        return cls(entry.at, entry.kind, str(entry.row.pk) if entry.row else "")

    @classmethod
    def parse(cls, text: str) -> Place | None:
        """What `str` made of one; None for anything else."""
        try:
            at, kind, id = text[:LONGEST_PLACE].split(APART)
            moment = datetime.fromisoformat(at)
        except ValueError:
            return None
        return cls(moment, kind, id) if moment.tzinfo else None

    def __str__(self) -> str:
        return APART.join((self.at.isoformat(), self.kind, self.id))


@dataclass(frozen=True)
class Window:
    """Up to `limit` entries of each kind, behind a place or from the newest on."""

    limit: int
    after: Place | None = None

    def newest(self, rows: QuerySet[M], *, kind: str, at: str = "created_at") -> QuerySet[M]:
        """The rows within the window, in its order: one query. `at` is the column that the entries' times are from."""
        rows = rows.order_by(f"-{at}", "-pk")
        after = self.after
        if after is None:
            return rows[: self.limit]
        if kind != after.kind:
            bound = "lte" if kind > after.kind else "lt"
            return rows.filter(**{f"{at}__{bound}": after.at})[: self.limit]
        try:
            id = rows.model._meta.pk.to_python(after.id)
        except ValidationError:
            # A place that no entry has.
            return rows.none()
        return rows.filter(behind((f"-{at}", "-pk"), (after.at, id)))[: self.limit]


@dataclass(frozen=True)
class Page:
    """`next` is where the following page begins, None at the end."""

    entries: list[Entry]
    next: Place | None


# Given the person and a window; entries of one kind, in the window's order, by one query.
Source = Callable[[Customer, Window], Iterable[Entry]]
_sources: list[Source] = []


def contribute(source: Source) -> Source:
    """Add a kind of entries; called when the contributing app is ready."""
    if source not in _sources:
        _sources.append(source)
    return source


def of_person(*, customer: Customer, limit: int, after: Place | None = None) -> Page:
    """A page of entries of all kinds: a query per kind, at any depth."""
    window = Window(limit + 1, after)
    # Both sorts keep what is equal as it is: rows of one kind stay in the order of their source.
    entries = sorted((entry for source in _sources for entry in source(customer, window)), key=lambda entry: entry.kind)
    entries.sort(key=lambda entry: entry.at, reverse=True)
    shown = list(islice(entries, limit))
    return Page(shown, Place.of(shown[-1]) if len(entries) > limit and shown else None)


@contribute
def _suppressed(customer: Customer, window: Window) -> Iterable[Entry]:
    kind = "Do not contact"
    for row in window.newest(Suppression.objects.filter(customer=customer), kind=kind):
        yield Entry(row.created_at, kind, _reason(row), row.address, "bad", row)


@contribute
def _lifted(customer: Customer, window: Window) -> Iterable[Entry]:
    kind = "May be contacted"
    rows = Suppression.objects.filter(customer=customer, lifted_at__isnull=False)
    for row in window.newest(rows, kind=kind, at="lifted_at"):
        if row.lifted_at is not None:
            yield Entry(row.lifted_at, kind, _reason(row), "Lifted", "plain", row)


@contribute
def _added(customer: Customer, window: Window) -> Iterable[Entry]:
    kind = "Customer"
    for row in window.newest(Customer.objects.filter(pk=customer.pk), kind=kind):
        yield Entry(row.created_at, kind, "Added", row=row)


def _reason(row: Suppression) -> str:
    return f"{row.get_reason_display()} on {row.get_channel_display()}"
