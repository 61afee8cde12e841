"""What the ledger says about the work of sending."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from campaigns.models import Message, MessageTemplate, SendAttempt
from feedbackhub.ids import first_uuid7_of
from feedbackhub.queues import Lag

Channel = MessageTemplate.Channel
State = Message.State

# Whoever reads a count on a page wants to know whether it is many, not how many millions.
CAP = 999
RECENT = timedelta(minutes=15)
UNKNOWN = (State.RECON, State.UNKNOWN_FINAL)
# States of which something is still to come, if only somebody who looks at it: each has an index of its own.
OPEN = (State.SCHEDULED, State.LEASED, *UNKNOWN)


def count_unknown(*, messages: QuerySet[Any]) -> int:
    """Messages whose fate nobody knows, up to CAP."""
    return messages.filter(state__in=UNKNOWN).order_by()[:CAP].count()


def queue(*, messages: QuerySet[Any]) -> Lag:
    """How far the sending of these messages is behind, its count up to CAP; `lag.sender_lag` is for all of them."""
    now = timezone.now()
    due = messages.filter(state=State.SCHEDULED, next_try_at__lte=now).order_by()
    first = due.aggregate(first=Min("next_try_at"))["first"]
    return Lag(due[:CAP].count(), (now - first).total_seconds() if first else 0.0)


def open_messages() -> dict[tuple[str, str], int]:
    """By (channel, state), over all accounts, noughts included: messages that are not over. The others are history,
    and counting that reads the whole table."""
    found = {(channel.value, state.value): 0 for channel in Channel for state in OPEN}
    for states in ((State.SCHEDULED,), (State.LEASED,), UNKNOWN):
        rows = Message.objects.filter(state__in=states).values_list("channel", "state").order_by()
        found |= {(channel, state): number for channel, state, number in rows.annotate(number=Count("pk"))}
    return found


def recent_attempts() -> dict[tuple[str, str], int]:
    """By (provider, outcome), over all accounts: attempts begun within RECENT, found by their time-ordered ids."""
    begun = SendAttempt.objects.filter(pk__gte=first_uuid7_of(timezone.now() - RECENT))
    rows = begun.values_list("provider", "outcome").order_by().annotate(number=Count("pk"))
    return {(provider, outcome): number for provider, outcome, number in rows}
