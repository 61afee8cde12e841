"""Linking what was said before its sender was known. Rows of Lookback are what is due; a tick works them off.

Nothing is locked meanwhile: what a linker does twice changes nothing, and a row is taken off only if it is still the
one that was read. Every row is done twice, TWICE apart: an answer that was being stored under the old state of things
during the first time is there by the second.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection
from django.db.models import Min
from django.utils import timezone

from crm.models import Lookback
from feedbackhub.queues import COUNTED, Lag

BATCH = 500
# Rows that one linker changes at once.
LINKED = 2_000
# Longer than any statement of ours may run.
TWICE = timedelta(seconds=60)
ROUNDS = 200

# Given customers and how many rows at most; how many were linked. As many as allowed: there are more.
Linker = Callable[[Sequence[int], int], int]
_linkers: list[Linker] = []


class Due(NamedTuple):
    id: int
    customer_id: int
    asked_at: datetime
    again: bool


def contribute(linker: Linker) -> None:
    """Add what knows of things that may be a customer's; called when the contributing app is ready."""
    if linker not in _linkers:
        _linkers.append(linker)


def run() -> int:
    """Work off what is due, a batch at a time; how many rows were linked."""
    linked = 0
    for _ in range(ROUNDS):
        due = _due()
        if not due:
            break
        counts = [linker([row.customer_id for row in due], LINKED) for linker in _linkers]
        linked += sum(counts)
        if max(counts, default=0) < LINKED:
            _done(due)
    return linked


def lag() -> Lag:
    """How far looking back is behind."""
    waiting = Lookback.objects.filter(looked_at=None)
    oldest = waiting.aggregate(oldest=Min("asked_at"))["oldest"]
    seconds = max(0.0, (timezone.now() - oldest).total_seconds()) if oldest else 0.0
    return Lag(waiting[:COUNTED].count(), seconds)


def _due() -> list[Due]:
    """Those nobody has looked at yet first."""
    rows = list(Lookback.objects.filter(looked_at=None).order_by("pk")[:BATCH])
    if len(rows) < BATCH:
        seen = Lookback.objects.filter(looked_at__lt=timezone.now() - TWICE).order_by("looked_at", "pk")
        rows += seen[: BATCH - len(rows)]
    return [Due(row.pk, row.customer_id, row.asked_at, row.looked_at is not None) for row in rows]


def _done(due: Sequence[Due]) -> None:
    """Unless somebody asked again meanwhile."""
    seen = "unnest(%s::bigint[], %s::timestamptz[]) AS seen (id, asked_at)"
    same = "l.id = seen.id AND l.asked_at = seen.asked_at"
    for again, statement in (
        (False, f"UPDATE crm_lookback l SET looked_at = now() FROM {seen} WHERE {same}"),  # noqa: S608
        (True, f"DELETE FROM crm_lookback l USING {seen} WHERE {same}"),  # noqa: S608
    ):
        rows = [row for row in due if row.again is again]
        if rows:
            with connection.cursor() as cursor:
                cursor.execute(statement, [[row.id for row in rows], [row.asked_at for row in rows]])
