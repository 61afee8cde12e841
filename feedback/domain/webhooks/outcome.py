"""One call to an endpoint: signed, sent once, and what it came to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from django.conf import settings
from django.utils import timezone

from feedback.domain.webhooks import signing
from feedback.models import WebhookDelivery
from feedbackhub import outbound, sealing

SECONDS = 15.0
# Of an answer's text, for the log.
SAID = 500


@dataclass(frozen=True)
class Outcome:
    """No status: there was no answer, and `error` says why."""

    at: datetime
    seconds: float
    status: int | None = None
    said: str = ""
    error: str = ""

    @property
    def arrived(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def send(*, delivery: WebhookDelivery, body: bytes) -> Outcome:
    """Call the delivery's endpoint. Touches no database, so that a thread may do it."""
    at, begun = timezone.now(), monotonic()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"FeedbackHub/{settings.VERSION}",
        **signing.headers(
            key=sealing.unseal(delivery.endpoint.sealed_key), id=str(delivery.event_id), at=at, body=body
        ),
    }
    try:
        answer = outbound.post(delivery.endpoint.url, headers=headers, body=body, seconds=SECONDS)
    except (outbound.BadAddress, outbound.Unanswered) as error:
        return Outcome(at, monotonic() - begun, error=str(error)[:300])
    said = answer.body.decode("utf-8", "replace").replace("\x00", "")[:SAID]
    problem = f"redirects are not followed ({answer.status})" if 300 <= answer.status < 400 else ""
    return Outcome(at, monotonic() - begun, status=answer.status, said=said, error=problem)
