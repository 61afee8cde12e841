"""One run of telling: claim what is due, call many endpoints at once, write down what came of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta
from time import monotonic
from uuid import UUID

import structlog
from django.utils import timezone

from feedback.domain.webhooks import claim, finish, outcome
from feedback.domain.webhooks.claim import Claim
from feedback.domain.webhooks.outcome import Outcome
from feedback.models import WebhookDelivery, WebhookEvent
from feedbackhub.alone import alone
from feedbackhub.ids import first_uuid7_of

log = structlog.get_logger(__name__)

# Calls at once.
PLACES = 20
# Events that are settled go after so long.
KEPT = timedelta(days=30)
BATCH = 1000

# The bytes that say what happened; a contract's edge knows its own words.
BodyOf = Callable[[WebhookEvent], bytes]


def run(*, body_of: BodyOf, seconds: float = 40.0) -> int:
    """Works off what is due; how many calls were made.

    One run at a time in the whole installation: it waits for slow receivers with a worker in its hands, and the
    others have messages to send. It calls PLACES endpoints at once, so one is plenty.
    """
    with alone("feedback.deliver_webhooks") as only:
        return _run(body_of, monotonic() + seconds) if only else 0


def forget_old() -> int:
    """Delete events of long ago with their log, unless something of them still waits; how many events."""
    total = 0
    old = WebhookEvent.objects.filter(pk__lt=first_uuid7_of(timezone.now() - KEPT))
    settled = old.exclude(deliveries__state=WebhookDelivery.State.WAITING)
    while ids := list(settled.values_list("pk", flat=True)[:BATCH]):
        WebhookEvent.objects.filter(pk__in=ids).delete()
        total += len(ids)
    return total


def _run(body_of: BodyOf, end: float) -> int:
    calls = 0
    flying: dict[Future[Outcome], Claim] = {}
    with ThreadPoolExecutor(PLACES, thread_name_prefix="webhook") as pool:
        while True:
            if monotonic() < end and len(flying) < PLACES:
                for each in claim.due(at_most=PLACES - len(flying), busy=_busy(flying.values())):
                    flying[pool.submit(_call, each, body_of)] = each
            if not flying:
                return calls
            # Looks again every second: what became due meanwhile need not wait for a slow receiver.
            for done in wait(flying, timeout=1, return_when=FIRST_COMPLETED).done:
                calls += 1
                _settle(flying.pop(done), done.result())


def _call(each: Claim, body_of: BodyOf) -> Outcome:
    begun = timezone.now()
    try:
        return outcome.send(delivery=each.delivery, body=body_of(each.delivery.event))
    except Exception as error:
        # One that we cannot even write must not hold up the others; its log says why.
        log.exception("webhook_not_sent", delivery=each.delivery.pk)
        return Outcome(begun, 0.0, error=type(error).__name__)


def _settle(each: Claim, came_of_it: Outcome) -> None:
    if not finish.record(claim=each, outcome=came_of_it):
        log.warning("webhook_settled_elsewhere", delivery=each.delivery.pk)
    elif not came_of_it.arrived:
        log.info("webhook_not_delivered", delivery=each.delivery.pk, status=came_of_it.status, error=came_of_it.error)


def _busy(flying: Iterable[Claim]) -> list[UUID]:
    counted = Counter(each.delivery.endpoint_id for each in flying)
    return [endpoint for endpoint, number in counted.items() if number >= claim.PER_ENDPOINT]
