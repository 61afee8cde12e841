"""Short ways to make what the tests of webhooks start from."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

from accounts.domain.actors import SYSTEM
from accounts.models import Account
from feedback.api.hub import wire_webhooks
from feedback.domain import records
from feedback.domain.records import RecordDraft
from feedback.domain.webhooks import deliver, endpoints
from feedback.domain.webhooks.endpoints import EndpointDraft, IssuedEndpoint
from feedback.models import FeedbackRecord, WebhookDelivery, WebhookEvent

# A public address that needs no looking up.
PUBLIC = "https://93.184.216.34/hook"
RECORD_EVENTS = ["feedback_record.created", "feedback_record.updated", "feedback_record.deleted"]
_numbers = count(1)


def endpoint_of(account: Account, **values: Any) -> IssuedEndpoint:
    """One that hears of records of tenant t."""
    draft = EndpointDraft(**{"tenant_id": "t", "url": PUBLIC, "event_types": RECORD_EVENTS, **values})
    return endpoints.create(account=account, draft=draft, actor=SYSTEM)


def record_of(account: Account, **values: Any) -> FeedbackRecord:
    draft = RecordDraft(
        **{
            "contract": FeedbackRecord.Contract.HUB,
            "tenant_id": "t",
            "submission_id": f"s-{next(_numbers)}",
            "source_type": "survey",
            "field_id": "q1",
            "field_type": "text",
            **values,
        }
    )
    return records.create(account=account, draft=draft, actor=SYSTEM)


def told() -> list[tuple[str, Any]]:
    """Every event so far, oldest first: its type and its data as receivers read it."""
    bodies = [json.loads(wire_webhooks.body_of(event)) for event in WebhookEvent.objects.order_by("happened_at", "id")]
    return [(body["type"], body["data"]) for body in bodies]


def run() -> int:
    return deliver.run(body_of=wire_webhooks.body_of)


def only_delivery() -> WebhookDelivery:
    return WebhookDelivery.objects.select_related("endpoint", "event").get()
