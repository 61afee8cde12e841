"""Who may send a delivery, and until when. A claim that is not settled lapses, and the delivery is due again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from feedback.domain.queries.webhooks import HOP
from feedback.models import WebhookDelivery

# Far longer than one call may take.
LEASE_SECONDS = 60
# Of one endpoint at once: a slow one must not take every place.
PER_ENDPOINT = 4

# An endpoint of every account comes before a second one of any; within that by lot.
_DUE = (
    HOP  # noqa: S608 - constants of ours
    + """, turn AS MATERIALIZED (
  SELECT each.account_id, each.endpoint_id FROM (
    SELECT hop.account_id, hop.endpoint_id,
      row_number() OVER (PARTITION BY hop.account_id ORDER BY random()) AS place
    FROM hop
    JOIN accounts_account a ON a.id = hop.account_id AND a.active AND a.deleted_at IS NULL
    JOIN feedback_webhookendpoint e ON e.id = hop.endpoint_id AND e.enabled
    WHERE hop.endpoint_id <> ALL(%(busy)s::uuid[]) AND EXISTS (
      SELECT 1 FROM feedback_webhookdelivery d
      WHERE d.account_id = hop.account_id AND d.endpoint_id = hop.endpoint_id AND d.state = 'waiting'
        AND d.due_at <= statement_timestamp())
  ) each
  ORDER BY each.place, random() LIMIT %(batch)s
), picked AS MATERIALIZED (
  SELECT due.id FROM turn CROSS JOIN LATERAL (
    SELECT d.id FROM feedback_webhookdelivery d
    WHERE d.account_id = turn.account_id AND d.endpoint_id = turn.endpoint_id AND d.state = 'waiting'
      AND d.due_at <= statement_timestamp()
    ORDER BY d.due_at, d.id
    LIMIT (SELECT least(%(each)s, greatest(1, %(batch)s / count(*))) FROM turn)
    FOR UPDATE SKIP LOCKED
  ) due
)
UPDATE feedback_webhookdelivery d
SET lease = %(lease)s, due_at = statement_timestamp() + make_interval(secs => %(seconds)s)
FROM picked WHERE d.id = picked.id
RETURNING d.id
"""
)


@dataclass(frozen=True)
class Claim:
    """A delivery with its endpoint and event, ours while the row still has this lease."""

    delivery: WebhookDelivery
    lease: UUID


def due(*, at_most: int, busy: Collection[UUID] = ()) -> list[Claim]:
    """A small batch of what is due, fair across accounts and endpoints; none for the endpoints in `busy`."""
    lease = uuid4()
    given: dict[str, Any] = {
        "busy": list(busy),
        "batch": at_most,
        "each": PER_ENDPOINT,
        "lease": lease,
        "seconds": LEASE_SECONDS,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_DUE, given)
        ids = [id for (id,) in cursor.fetchall()]
    if not ids:
        return []
    rows = WebhookDelivery.objects.filter(pk__in=ids, lease=lease).select_related("endpoint", "event")
    return [Claim(row, lease) for row in rows.order_by("pk")]
