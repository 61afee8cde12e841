"""What became of a try, written if the delivery is still ours: settled, put off, or given up."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from feedback.domain.webhooks import endpoints
from feedback.domain.webhooks.claim import Claim
from feedback.domain.webhooks.outcome import Outcome
from feedback.models import WebhookDelivery, WebhookEndpoint

State = WebhookDelivery.State

# Waits between tries: about a day in all. Each is up to a third longer, so that those who failed together do not come
# back together.
WAITS = [
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
]
JITTER = 1 / 3
# So many deliveries given up in a row, each after a day of tries, and the endpoint is switched off.
GIVE_UP_AFTER = 50
GONE = 410
REASON_GONE = "the endpoint answered 410 Gone"
REASON_EXHAUSTED = f"{GIVE_UP_AFTER} deliveries in a row were given up"
# The log of one delivery keeps its newest tries.
TRIES_KEPT = 20


def record(*, claim: Claim, outcome: Outcome) -> bool:
    """Write it down; False if the claim had lapsed and somebody else has the delivery."""
    with transaction.atomic():
        # First the endpoint, as whoever switches it off and cancels its deliveries does: else each may wait for the
        # other.
        list(WebhookEndpoint.objects.select_for_update(no_key=True).filter(pk=claim.delivery.endpoint_id))
        rows = WebhookDelivery.objects.select_for_update().filter(pk=claim.delivery.pk, lease=claim.lease)
        delivery = rows.filter(state=State.WAITING).first()
        if delivery is None:
            return False
        delivery.attempts += 1
        delivery.lease = None
        delivery.last_status = outcome.status
        delivery.tries = [*delivery.tries, _told(outcome)][-TRIES_KEPT:]
        _settle(delivery, outcome)
        delivery.save()
    return True


def _settle(delivery: WebhookDelivery, outcome: Outcome) -> None:
    now = timezone.now()
    if outcome.arrived:
        delivery.state, delivery.due_at, delivery.finished_at = State.DELIVERED, None, now
        WebhookEndpoint.objects.filter(pk=delivery.endpoint_id, exhausted__gt=0).update(exhausted=0)
    elif outcome.status == GONE:
        delivery.state, delivery.due_at, delivery.finished_at = State.FAILED, None, now
        switch_off(delivery.endpoint_id, reason=REASON_GONE)
    elif delivery.attempts <= len(WAITS):
        wait = WAITS[delivery.attempts - 1]
        delivery.due_at = now + wait * (1 + JITTER * random.random())  # noqa: S311 - not a secret
    else:
        delivery.state, delivery.due_at, delivery.finished_at = State.FAILED, None, now
        endpoint = WebhookEndpoint.objects.filter(pk=delivery.endpoint_id)
        endpoint.update(exhausted=F("exhausted") + 1)
        if endpoint.filter(exhausted__gte=GIVE_UP_AFTER).exists():
            switch_off(delivery.endpoint_id, reason=REASON_EXHAUSTED)


def switch_off(endpoint_id: Any, *, reason: str) -> None:
    """By the hub itself; switching it on again clears the reason."""
    now = timezone.now()
    endpoint = WebhookEndpoint.objects.filter(pk=endpoint_id, enabled=True).first()
    if endpoint is None:
        return
    endpoint.enabled, endpoint.disabled_reason, endpoint.disabled_at, endpoint.updated_at = False, reason, now, now
    endpoint.save(update_fields=["enabled", "disabled_reason", "disabled_at", "updated_at"])
    endpoints.cancel_waiting(endpoint)


def _told(outcome: Outcome) -> dict[str, Any]:
    told = {
        "at": outcome.at.isoformat(timespec="milliseconds"),
        "seconds": round(outcome.seconds, 3),
        "status": outcome.status,
        "said": outcome.said,
        "error": outcome.error,
    }
    return {name: value for name, value in told.items() if value not in (None, "")}
