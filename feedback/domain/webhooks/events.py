"""Writing down that something happened, in the transaction in which it happens, if anybody is to be told.

New records are seen by the table's own trigger (feedback/models/triggers.py); this is for everything else.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from accounts.models import Account
from feedback.models import EventType, FeedbackRecord, WebhookEndpoint
from feedbackhub import hints
from feedbackhub.ids import uuid7

# Ids in one event of a deletion: more make more events.
MOST_IDS = 1000

# Nobody hears: nothing is written.
_TELL = """
WITH hears AS MATERIALIZED (
  SELECT id FROM feedback_webhookendpoint
  WHERE account_id = %(account)s AND tenant_id = %(tenant)s AND enabled
    AND (event_types = '{{}}' OR %(type)s = ANY(event_types))
), event AS (
  INSERT INTO feedback_webhookevent (id, account_id, tenant_id, type, happened_at, data, subject_id, changed_fields)
  SELECT %(id)s, %(account)s, %(tenant)s, %(type)s, statement_timestamp(), what.data, %(row)s, %(changed)s::jsonb
  FROM ({data}) what WHERE EXISTS (SELECT 1 FROM hears)
  RETURNING id
)
INSERT INTO feedback_webhookdelivery (account_id, endpoint_id, event_id, state, due_at, attempts, tries, created_at)
SELECT %(account)s, hears.id, event.id, 'waiting', statement_timestamp(), 0, '[]', statement_timestamp()
FROM event CROSS JOIN hears
"""
_ROW = "SELECT to_jsonb(r) {without} AS data FROM {table} r WHERE r.id = %(row)s"
_OF_IDS = _TELL.format(data="SELECT %(ids)s::jsonb AS data")
_OF_RECORD = _TELL.format(data=_ROW.format(table=FeedbackRecord._meta.db_table, without=""))
# A key leaves the hub when it is made, and never again.
_OF_ENDPOINT = _TELL.format(data=_ROW.format(table=WebhookEndpoint._meta.db_table, without="- 'sealed_key'"))


def record_updated(*, record: FeedbackRecord, changed: Sequence[str]) -> None:
    """Call it after the row is written. Nothing changed: nothing is told."""
    if changed:
        _tell(
            _OF_RECORD,
            record.account_id,
            record.tenant_id,
            EventType.RECORD_UPDATED,
            row=record.pk,
            changed=json.dumps(list(changed)),
        )


def records_deleted(*, account: Account, tenant_id: str, ids: Sequence[UUID]) -> None:
    for start in range(0, len(ids), MOST_IDS):
        told = json.dumps([str(id) for id in ids[start : start + MOST_IDS]])
        _tell(_OF_IDS, account.pk, tenant_id, EventType.RECORD_DELETED, ids=told)


def endpoint_created(*, endpoint: WebhookEndpoint) -> None:
    _tell(_OF_ENDPOINT, endpoint.account_id, endpoint.tenant_id, EventType.WEBHOOK_CREATED, row=endpoint.pk)


def endpoint_updated(*, endpoint: WebhookEndpoint, changed: Sequence[str]) -> None:
    if changed:
        _tell(
            _OF_ENDPOINT,
            endpoint.account_id,
            endpoint.tenant_id,
            EventType.WEBHOOK_UPDATED,
            row=endpoint.pk,
            changed=json.dumps(list(changed)),
        )


def endpoint_deleted(*, account: Account, tenant_id: str, id: UUID) -> None:
    _tell(_OF_IDS, account.pk, tenant_id, EventType.WEBHOOK_DELETED, ids=json.dumps([str(id)]))


def wake() -> None:
    """Once the transaction is committed."""
    transaction.on_commit(lambda: hints.send("feedback.deliver_webhooks"))


def _tell(statement: str, account_id: int, tenant_id: str, type: EventType, **more: Any) -> None:
    given = {
        "id": uuid7(),
        "account": account_id,
        "tenant": tenant_id,
        "type": type.value,
        "row": None,
        "changed": None,
        **more,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        if cursor.rowcount > 0:
            wake()
