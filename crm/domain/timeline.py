"""Everything about one person in one list. Apps to the right contribute what they know: see `contribute`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import Model

from crm.models import Customer, Suppression

Tone = Literal["good", "bad", "plain"]


@dataclass(frozen=True)
class Entry:
    """One thing that happened. `row` is what to open for more."""

    at: datetime
    kind: str
    title: str
    detail: str = ""
    tone: Tone = "plain"
    row: Model | None = None


# Given the person and how many at most, newest first.
Source = Callable[[Customer, int], Iterable[Entry]]
_sources: list[Source] = []


def contribute(source: Source) -> Source:
    """Add a source of entries; called when the contributing app is ready."""
    if source not in _sources:
        _sources.append(source)
    return source


def of_person(*, customer: Customer, limit: int) -> list[Entry]:
    """The newest entries from all sources, newest first."""
    entries = [entry for source in _sources for entry in source(customer, limit)]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:limit]


@contribute
def _suppressions(customer: Customer, limit: int) -> Iterable[Entry]:
    rows = Suppression.objects.filter(customer=customer).order_by("-created_at")[:limit]
    for row in rows:
        title = f"{row.get_reason_display()} on {row.get_channel_display()}"
        yield Entry(row.created_at, "Do not contact", title, row.address, "bad", row)
        if row.lifted_at:
            yield Entry(row.lifted_at, "May be contacted", title, "Lifted", "plain", row)


@contribute
def _added(customer: Customer, limit: int) -> Iterable[Entry]:
    yield Entry(customer.created_at, "Customer", "Added", row=customer)
