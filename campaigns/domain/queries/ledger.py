"""What the ledger says about the work of sending."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Min, QuerySet
from django.utils import timezone

from campaigns.models import Message

State = Message.State
# Whoever reads a count wants to know whether it is many, not how many millions.
CAP = 999
# A message that is due longer than this waits for a worker.
LATE = timedelta(minutes=2)


@dataclass(frozen=True)
class Queue:
    """Messages due now and not yet taken, and how long the first has waited."""

    due: int
    lag: timedelta

    @property
    def late(self) -> bool:
        return self.lag > LATE


def count_unknown(*, messages: QuerySet[Any]) -> int:
    """Messages whose fate nobody knows, up to CAP."""
    return messages.filter(state__in=(State.RECON, State.UNKNOWN_FINAL)).order_by()[:CAP].count()


def queue(*, messages: QuerySet[Any]) -> Queue:
    now = timezone.now()
    due = messages.filter(state=State.SCHEDULED, next_try_at__lte=now).order_by()
    first = due.aggregate(first=Min("next_try_at"))["first"]
    return Queue(due[:CAP].count(), now - first if first else timedelta(0))
