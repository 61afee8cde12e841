"""Reads of webhook endpoints, of what became of telling them, and of how far that is behind."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Min, QuerySet
from django.utils import timezone

from accounts.models import Account
from feedback.models import WebhookDelivery, WebhookEndpoint
from feedbackhub.errors import NotFound
from feedbackhub.keyset import behind
from feedbackhub.queues import COUNTED, Lag

ORDER = ("-created_at", "id")


def endpoint_for(*, account: Account, id: UUID, lock: bool = False) -> WebhookEndpoint:
    """One endpoint. Raises NotFound, for another account's as well."""
    rows = WebhookEndpoint.objects.for_account(account).filter(pk=id)
    # Not its key: records and their deliveries, which point at it, are stored meanwhile.
    endpoint = (rows.select_for_update(no_key=True) if lock else rows).first()
    if endpoint is None:
        raise NotFound("webhook not found", details={"resource_type": "webhook"})
    return endpoint


def page(
    *,
    account: Account,
    limit: int,
    tenant_id: str | None = None,
    enabled: bool | None = None,
    after: tuple[datetime, UUID] | None = None,
) -> list[WebhookEndpoint]:
    """Newest first."""
    wanted: dict[str, Any] = {"tenant_id": tenant_id, "enabled": enabled}
    rows = WebhookEndpoint.objects.for_account(account)
    rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    if after is not None:
        rows = rows.filter(behind(ORDER, after))
    return list(rows.order_by(*ORDER)[:limit])


def delivery_for(*, account: Account, id: int, lock: bool = False) -> WebhookDelivery:
    """One delivery with its endpoint and event. Raises NotFound."""
    rows = WebhookDelivery.objects.for_account(account).numbered(id).select_related("endpoint", "event")
    delivery = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if delivery is None:
        raise NotFound("webhook delivery not found")
    return delivery


# Who waits, by hopping over the index `delivery_due`, an endpoint at a time. A query goes on with `, name AS (…)`.
HOP = """
WITH RECURSIVE hop(account_id, endpoint_id) AS (
  (SELECT account_id, endpoint_id FROM feedback_webhookdelivery WHERE state = 'waiting'
   ORDER BY account_id, endpoint_id LIMIT 1)
  UNION ALL
  SELECT next.account_id, next.endpoint_id FROM hop CROSS JOIN LATERAL (
    SELECT d.account_id, d.endpoint_id FROM feedback_webhookdelivery d
    WHERE d.state = 'waiting' AND (d.account_id, d.endpoint_id) > (hop.account_id, hop.endpoint_id)
    ORDER BY d.account_id, d.endpoint_id LIMIT 1
  ) next
)"""

_LAG = (
    HOP  # noqa: S608 - constants of ours
    + """, first AS (
  SELECT hop.account_id, hop.endpoint_id, due.at FROM hop
  JOIN accounts_account a ON a.id = hop.account_id AND a.active AND a.deleted_at IS NULL
  JOIN feedback_webhookendpoint e ON e.id = hop.endpoint_id AND e.enabled
  CROSS JOIN LATERAL (
    SELECT min(d.due_at) AS at FROM feedback_webhookdelivery d
    WHERE d.account_id = hop.account_id AND d.endpoint_id = hop.endpoint_id AND d.state = 'waiting'
  ) due
  WHERE due.at <= statement_timestamp()
)
SELECT
  (SELECT count(*) FROM (
    SELECT 1 FROM first JOIN feedback_webhookdelivery d USING (account_id, endpoint_id)
    WHERE d.state = 'waiting' AND d.due_at <= statement_timestamp() LIMIT %s) due),
  (SELECT coalesce(extract(epoch FROM statement_timestamp() - min(at)), 0) FROM first)
"""
)


def queue(*, deliveries: QuerySet[Any]) -> Lag:
    """How far telling these is behind, its count up to COUNTED; `lag` is for all of them."""
    now = timezone.now()
    due = deliveries.filter(state=WebhookDelivery.State.WAITING, due_at__lte=now).order_by()
    first = due.aggregate(first=Min("due_at"))["first"]
    return Lag(due[:COUNTED].count(), (now - first).total_seconds() if first else 0.0)


def lag() -> Lag:
    """How far telling is behind; one query over the small index of what waits."""
    with connection.cursor() as cursor:
        cursor.execute(_LAG, [COUNTED])
        due, oldest = cursor.fetchone()
    return Lag(due, float(oldest))
