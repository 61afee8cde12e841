"""The clocks of an item: when they run out, what stops them, and how they stand.

The first response is given when a person moves the item out of New or answers; a rule's own move is none. Closing an
item stops both clocks, opening it again lets them go on to the same moments. So does merging it into another one, which
it is worked on in, and taking that back; a trigger sees to it (feedback/models/resuming.py): originals may be deleted.
Targets and hours count as they were when the item came in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.utils import timezone

from accounts.domain.actors import Actor
from accounts.models import Account
from feedback.domain.sla import settings
from feedback.domain.sla.business import Week, add
from feedback.models import FeedbackItem, ServiceTarget

Tone = Literal["good", "warn", "bad", "plain"]
# The last part of a clock's time in which it is told apart.
SOON = 0.25


def begun(*, account: Account, target: ServiceTarget | None, now: datetime) -> dict[str, Any]:
    """What a new item's columns hold: when its clocks run out, by the target given, else by the account's usual one."""
    target = target or settings.usual(account)
    if target is None:
        return {}
    week = settings.week_of(account)
    first, resolve = (_due(now, minutes, week) for minutes in (target.first_minutes, target.resolve_minutes))
    return {
        "sla_target": target,
        "first_due_at": first,
        "resolve_due_at": resolve,
        "sla_due_at": next_due(first, resolve, None, stopped=False),
    }


def _due(now: datetime, minutes: int | None, week: Week | None) -> datetime | None:
    if minutes is None:
        return None
    return now + timedelta(minutes=minutes) if week is None else add(now, minutes=minutes, week=week)


def moved(*, item: FeedbackItem, changed: Mapping[str, Any], actor: Actor, now: datetime) -> dict[str, Any]:
    """What a change of the status does to the clocks; `changed` has the new values of the item's columns."""
    if item.sla_target_id is None and item.first_due_at is None and item.resolve_due_at is None:
        return {}
    met = item.first_met_at
    if changed.get("status") == FeedbackItem.Status.NEW:
        met = None
    elif met is None and actor.kind != "system":
        met = now
    ends = changed.get("closed_at", item.closed_at), changed.get("duplicate_of", item.duplicate_of_id)
    due = next_due(item.first_due_at, item.resolve_due_at, met, stopped=ends != (None, None))
    return {"first_met_at": met, "sla_due_at": due}


def responded(*, item: FeedbackItem, at: datetime) -> None:
    """Somebody answered the person: that is a first response, whatever the status."""
    FeedbackItem.objects.filter(pk=item.pk, first_met_at=None).exclude(first_due_at=None, resolve_due_at=None).update(
        first_met_at=at, sla_due_at=_next_of(item, at)
    )


def not_responded(*, item: FeedbackItem, at: datetime) -> None:
    """What was answered at that moment never left: if nothing but it stopped the first clock, that goes on."""
    FeedbackItem.objects.filter(pk=item.pk, first_met_at=at, status=FeedbackItem.Status.NEW).update(
        first_met_at=None, sla_due_at=_next_of(item, None)
    )


def _next_of(item: FeedbackItem, met: datetime | None) -> datetime | None:
    stopped = (item.closed_at, item.duplicate_of_id) != (None, None)
    return next_due(item.first_due_at, item.resolve_due_at, met, stopped=stopped)


def next_due(
    first: datetime | None, resolve: datetime | None, met: datetime | None, *, stopped: bool
) -> datetime | None:
    """Which clock runs out next; None when none is running."""
    if stopped:
        return None
    running = [due for due in (first if met is None else None, resolve) if due is not None]
    return min(running, default=None)


# --- how they stand --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Clock:
    """One clock: what it is of, how it stands as a tone and as a word, and by how much."""

    title: str
    due_at: datetime
    tone: Tone
    word: str
    seconds: float

    @property
    def running(self) -> bool:
        return self.tone in ("good", "warn", "bad") and not self.word.startswith(("kept", "missed"))


def clocks_of(item: FeedbackItem, now: datetime | None = None) -> list[Clock]:
    """Both clocks, those that were stopped as well."""
    now = now or timezone.now()
    found = []
    if item.first_due_at is not None:
        found.append(_clock("First response", item, item.first_due_at, item.first_met_at or item.closed_at, now))
    if item.resolve_due_at is not None:
        found.append(_clock("Closing", item, item.resolve_due_at, item.closed_at, now))
    return found


def next_of(item: FeedbackItem, now: datetime | None = None) -> Clock | None:
    """The clock that runs out next."""
    if item.sla_due_at is None:
        return None
    return next((clock for clock in clocks_of(item, now) if clock.due_at == item.sla_due_at and clock.running), None)


def _clock(title: str, item: FeedbackItem, due: datetime, stopped: datetime | None, now: datetime) -> Clock:
    if stopped is not None:
        kept = stopped <= due
        return Clock(title, due, "plain", "kept" if kept else "missed", abs((due - stopped).total_seconds()))
    if item.duplicate_of_id is not None:
        return Clock(title, due, "plain", "stopped while it repeats another item", 0)
    left = (due - now).total_seconds()
    if left < 0:
        return Clock(title, due, "bad", "overdue", -left)
    whole = (due - item.created_at).total_seconds()
    return Clock(title, due, *(("warn", "due soon") if left < SOON * whole else ("good", "on time")), left)
