"""By hand: a test ping, and sending again what is in the log."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.domain.actors import Actor
from accounts.models import Account
from feedback.domain.queries import webhooks as queries
from feedback.domain.webhooks import events
from feedback.models import PING, WebhookDelivery, WebhookEndpoint, WebhookEvent
from feedbackhub.errors import Refused

State = WebhookDelivery.State
UNDELIVERED = (State.FAILED, State.CANCELLED)
OFF = "This webhook is off. Switch it on first."
# Of one endpoint at once; pressing again goes on.
MOST = 10_000


def ping(*, endpoint: WebhookEndpoint, actor: Actor) -> WebhookDelivery:
    """Send a test event to this endpoint alone. Raises Refused if it is off."""
    if not endpoint.enabled:
        raise Refused(OFF)
    now = timezone.now()
    with transaction.atomic():
        event = WebhookEvent.objects.create(
            account_id=endpoint.account_id,
            tenant_id=endpoint.tenant_id,
            type=PING,
            happened_at=now,
            data={"message": "A test from FeedbackHub.", "by": actor.label},
        )
        delivery = WebhookDelivery.objects.create(
            account_id=endpoint.account_id, endpoint=endpoint, event=event, due_at=now, created_at=now
        )
        events.wake()
    return delivery


def replay(*, account: Account, id: int, actor: Actor) -> WebhookDelivery:
    """Send a settled delivery once more, with all its tries; one that waits goes out now.

    Raises NotFound, and Refused if its endpoint is off.
    """
    with transaction.atomic():
        delivery = queries.delivery_for(account=account, id=id, lock=True)
        if not delivery.endpoint.enabled:
            raise Refused(OFF)
        _again(delivery, actor)
        events.wake()
    return delivery


def replay_undelivered(*, endpoint: WebhookEndpoint, actor: Actor) -> int:
    """Send everything again that never arrived there; how many. Raises Refused if it is off."""
    if not endpoint.enabled:
        raise Refused(OFF)
    with transaction.atomic():
        rows = WebhookDelivery.objects.select_for_update().filter(endpoint=endpoint, state__in=UNDELIVERED)
        found = list(rows.order_by("id")[:MOST])
        for delivery in found:
            _again(delivery, actor, save=False)
        WebhookDelivery.objects.bulk_update(
            found, ["state", "due_at", "lease", "attempts", "tries", "finished_at"], 500
        )
        events.wake()
    return len(found)


def _again(delivery: WebhookDelivery, actor: Actor, *, save: bool = True) -> None:
    now = timezone.now()
    asked: dict[str, Any] = {"at": now.isoformat(timespec="milliseconds"), "by": actor.label}
    delivery.state, delivery.due_at, delivery.finished_at = State.WAITING, now, None
    delivery.lease, delivery.attempts = None, 0
    delivery.tries = [*delivery.tries, asked]
    if save:
        delivery.save()
