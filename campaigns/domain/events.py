"""What providers report about messages, applied once and never backwards.

The row in ProviderEvent and its effect are one commit: a repeated event finds the row, and one whose effect failed
left none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from campaigns.domain.sender import finish
from campaigns.models import FeedbackRequest, Message, MessageTemplate, ProviderEvent, SendAttempt
from campaigns.providers import base
from crm.domain import suppressions
from crm.domain.locks import address_lock
from crm.models import Suppression

log = structlog.get_logger(__name__)

State = Message.State
Reason = Suppression.Reason
Source = Suppression.Source

# So many soft bounces in a row, and the address counts as dead.
SOFT_IN_A_ROW = 3
# A callback can be faster than the answer that names the message; later nobody will ever know it.
WAIT = timedelta(days=1)


class Kind(StrEnum):
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    HARD_BOUNCE = "hard_bounce"
    SOFT_BOUNCE = "soft_bounce"
    FAILED = "failed"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    STOPPED = "stopped"
    OPENED = "opened"
    # Kept, and of no consequence: deferred, clicked by whomever, unheard of.
    NOTED = "noted"


@dataclass(frozen=True)
class Event:
    """`provider` as attempts name it; the message by its attempt's id or else by the provider's own reference."""

    provider: str
    event_id: str
    kind: Kind
    attempt_id: UUID | None = None
    ref: str = ""
    detail: str = ""
    raw: dict[str, Any] = field(default_factory=dict)


# A state is left only for one of a higher rank. Proof comes first; a bounce can follow a delivery, never the reverse.
_RANK = {
    State.ACCEPTED: 1,
    State.DELIVERED: 2,
    State.FAILED: 3,
    State.BOUNCED: 3,
}
_BECOMES = {
    Kind.DELIVERED: State.DELIVERED,
    Kind.HARD_BOUNCE: State.BOUNCED,
    Kind.SOFT_BOUNCE: State.BOUNCED,
    Kind.FAILED: State.FAILED,
    Kind.STOPPED: State.FAILED,
}


@transaction.atomic
def record(event: Event) -> bool:
    """Keep the event and apply it; False when it was known already."""
    row = ProviderEvent(
        provider=event.provider,
        event_id=event.event_id[:200],
        kind=event.kind,
        provider_ref=event.ref[:255],
        detail=event.detail[:500],
        raw=event.raw,
    )
    if not first_time(row):
        return False
    attempt = _attempt(event)
    if attempt is None and event.attempt_id is None and event.ref:
        # Waits for the answer that names it.
        return True
    if attempt is not None:
        _apply(Kind(event.kind), attempt, event.detail, event.ref)
    ProviderEvent.objects.filter(pk=row.pk).update(attempt=attempt, applied_at=Now())
    return True


def first_time(row: ProviderEvent) -> bool:
    """Stores it unless it is there; a second one that arrives at once waits here and is then told that it is late."""
    ProviderEvent.objects.bulk_create([row], ignore_conflicts=True)
    return ProviderEvent.objects.filter(pk=row.pk).exists()


def catch_up() -> int:
    """Applies events that came before the answer that names their message; how many."""
    waiting = ProviderEvent.objects.filter(applied_at=None, received_at__gt=Now() - WAIT).exclude(provider_ref="")
    done = 0
    for row in waiting.order_by("received_at", "pk")[:500]:
        with transaction.atomic():
            locked = ProviderEvent.objects.select_for_update(skip_locked=True).filter(pk=row.pk, applied_at=None)
            attempt = _by_ref(row.provider, row.provider_ref)
            if attempt is None or not locked.exists():
                continue
            _apply(Kind(row.kind), attempt, row.detail, row.provider_ref)
            ProviderEvent.objects.filter(pk=row.pk).update(attempt=attempt, applied_at=Now())
            done += 1
    return done


def _attempt(event: Event) -> SendAttempt | None:
    """The attempt, if it is this provider's: nobody reports about another's messages."""
    if event.attempt_id is not None:
        return SendAttempt.objects.filter(pk=event.attempt_id, provider=event.provider).first()
    return _by_ref(event.provider, event.ref) if event.ref else None


def _by_ref(provider: str, ref: str) -> SendAttempt | None:
    return SendAttempt.objects.filter(provider_ref=ref, provider=provider).order_by("-id").first()


def _apply(kind: Kind, attempt: SendAttempt, detail: str, ref: str) -> None:
    if kind == Kind.NOTED:
        return
    message = Message.objects.select_related("account", "customer").get(pk=attempt.message_id)
    # In the sender's order: the address, the message, the attempt.
    address_lock(message.account_id, message.address)
    if kind != Kind.UNSUBSCRIBED:
        finish.accept(attempt_id=attempt.pk, outcome=base.accepted(ref or attempt.provider_ref))
    Message.objects.select_for_update().filter(pk=message.pk).values_list("pk").first()
    moved = _move(message, kind, detail)
    _note_on_request(message, kind, detail)
    reason = _reason(message, kind, moved)
    if reason is not None:
        _suppress(message, attempt, reason, detail)


def _move(message: Message, kind: Kind, detail: str) -> bool:
    state = _BECOMES.get(kind)
    if state is None:
        return False
    lower = [one for one, rank in _RANK.items() if rank < _RANK[state]]
    reason = "" if state == State.DELIVERED else detail[:500]
    rows = Message.objects.filter(pk=message.pk, state__in=lower)
    return bool(rows.update(state=state, reason=reason, updated_at=Now()))


def _note_on_request(message: Message, kind: Kind, detail: str) -> None:
    """The request's own dates are the first of their kind, and `updated` moves with each."""
    column, more = {
        Kind.HARD_BOUNCE: ("bounced_at", {"bounce_reason": detail[:500]}),
        Kind.SOFT_BOUNCE: ("bounced_at", {"bounce_reason": detail[:500]}),
        Kind.COMPLAINED: ("complained_at", {}),
        Kind.OPENED: ("opened_at", {}),
        Kind.DELIVERED: ("", {}),
        Kind.FAILED: ("", {}),
    }.get(kind, ("", {}))
    requests = FeedbackRequest.objects.filter(message=message)
    if column:
        requests.filter(**{column: None}).update(**{column: Now()}, **more, updated_at=Now())
    else:
        requests.update(updated_at=Now())


def _reason(message: Message, kind: Kind, moved: bool) -> Reason | None:
    """Why nothing more may go to this address, if that follows."""
    dead = Reason.SMS_FAILED if message.channel == MessageTemplate.Channel.SMS else Reason.HARD_BOUNCE
    if kind == Kind.SOFT_BOUNCE:
        return dead if moved and _soft_bounces_in_a_row(message) >= SOFT_IN_A_ROW else None
    return {
        Kind.HARD_BOUNCE: dead,
        Kind.COMPLAINED: Reason.COMPLAINT,
        Kind.UNSUBSCRIBED: Reason.UNSUBSCRIBE,
        Kind.STOPPED: Reason.STOP,
    }.get(kind)


def _soft_bounces_in_a_row(message: Message) -> int:
    """This one and those before it to the same address, back to the first that arrived."""
    told = Q(state__in=[State.DELIVERED, State.BOUNCED])
    rows = Message.objects.filter(
        told, account=message.account_id, channel=message.channel, customer=message.customer_id, address=message.address
    )
    states = list(rows.order_by("-created_at", "-pk").values_list("state", flat=True)[:SOFT_IN_A_ROW])
    return next((at for at, state in enumerate(states) if state != State.BOUNCED), len(states))


def _suppress(message: Message, attempt: SendAttempt, reason: Reason, detail: str) -> None:
    """Consent binds the person as well; a dead address only itself."""
    said_by_person = reason in Suppression.CONSENT_REASONS
    suppressions.suppress(
        account=message.account,
        channel=message.channel,
        reason=reason,
        source=Source.RECIPIENT if said_by_person else Source.PROVIDER,
        address=message.address,
        customer=message.customer if said_by_person else None,
        evidence={"attempt": str(attempt.pk), "provider": attempt.provider, "event": detail},
    )
