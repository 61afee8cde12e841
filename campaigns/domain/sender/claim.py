"""Leases: who may work on a message, and until when."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction

from campaigns import failpoints
from campaigns.domain.queries.lag import HOP


@dataclass(frozen=True)
class Lease:
    """Holds while the row still has this fence and `lease_until` is ahead."""

    message_id: UUID
    fence: int
    owner: str
    channel: str
    account_id: int
    address: str
    customer_id: int


def new_owner() -> str:
    """Names one run of the sender on one machine."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid4().hex[:8]}"


CHANNELS = ("email", "sms")
# Everybody who waits gets the same share of the batch, drawn by lot when there are more of them than places.
_DUE = (
    HOP  # noqa: S608 - constants of ours
    + """, turn AS MATERIALIZED (
  SELECT hop.account_id, hop.channel FROM hop JOIN accounts_account a ON a.id = hop.account_id
  LEFT JOIN campaigns_providercredentials own
    ON own.account_id = hop.account_id AND own.channel = hop.channel AND own.active
  WHERE a.active AND a.deleted_at IS NULL AND hop.channel || ':' || coalesce(own.public_id, '') <> ALL(%(down)s)
    AND EXISTS (
    SELECT 1 FROM campaigns_message m
    WHERE m.account_id = hop.account_id AND m.channel = hop.channel AND m.state = 'scheduled'
      AND m.next_try_at <= statement_timestamp())
  ORDER BY random() LIMIT %(batch)s
), picked AS MATERIALIZED (
  SELECT due.id FROM turn CROSS JOIN LATERAL (
    SELECT m.id FROM campaigns_message m
    WHERE m.account_id = turn.account_id AND m.channel = turn.channel AND m.state = 'scheduled'
      AND m.next_try_at <= statement_timestamp() AND m.not_after >= statement_timestamp()
    ORDER BY m.next_try_at, m.id
    LIMIT (SELECT greatest(1, %(batch)s / count(*)) FROM turn)
    FOR UPDATE SKIP LOCKED
  ) due
)
UPDATE campaigns_message m SET
  state = 'leased', lease_owner = %(owner)s,
  lease_until = statement_timestamp() + make_interval(secs => %(seconds)s),
  fence = m.fence + 1, updated_at = statement_timestamp()
FROM picked WHERE m.id = picked.id AND m.state = 'scheduled'
RETURNING m.id, m.fence, m.channel, m.account_id, m.address, m.customer_id
"""
)

# A call whose fate is unknown may be repeated where the provider still remembers its key for at least half its time.
_REPEATABLE = """
UPDATE campaigns_message m SET
  state = 'leased', lease_owner = %(owner)s,
  lease_until = statement_timestamp() + make_interval(secs => %(seconds)s),
  fence = m.fence + 1, updated_at = statement_timestamp()
WHERE m.id IN (
  SELECT r.id FROM campaigns_message r JOIN campaigns_sendattempt t ON t.message_id = r.id AND t.outcome = 'unknown'
  WHERE r.state = 'recon' AND r.next_try_at <= statement_timestamp() AND r.not_after >= statement_timestamp()
    AND t.provider = ANY(%(providers)s)
    AND statement_timestamp() < t.started_at + (t.key_expires_at - t.started_at) / 2
  ORDER BY r.next_try_at, r.id LIMIT %(batch)s
  FOR UPDATE OF r SKIP LOCKED
)
RETURNING m.id, m.fence, m.channel, m.account_id, m.address, m.customer_id
"""

_RELEASE = """
UPDATE campaigns_message m SET
  state = CASE WHEN EXISTS (
    SELECT 1 FROM campaigns_sendattempt t WHERE t.message_id = m.id AND t.outcome = 'unknown'
  ) THEN 'recon' ELSE 'scheduled' END,
  lease_owner = NULL, lease_until = NULL, updated_at = statement_timestamp(),
  next_try_at = greatest(m.next_try_at, statement_timestamp() + make_interval(secs => %(pause)s))
WHERE m.state = 'leased' AND m.lease_owner = %(owner)s AND NOT EXISTS (
  SELECT 1 FROM campaigns_sendattempt t WHERE t.message_id = m.id AND t.outcome IN ('started', 'accepted'))
"""


def way(channel: str, code: str = "") -> str:
    """A way out: a channel by the hub's own provider, or by the account's whose code it is."""
    return f"{channel}:{code}"


def due(*, owner: str, down: Sequence[str] = ()) -> list[Lease]:
    """A small batch of due messages, fair across accounts and channels, but for ways out that are down."""
    leases = _lease(_DUE, owner=owner, down=down)
    failpoints.hit("after_claim")
    return leases


def repeatable(*, owner: str, providers: Sequence[str]) -> list[Lease]:
    """Messages whose unknown call may be repeated under the same key by one of these providers."""
    return _lease(_REPEATABLE, owner=owner, providers=providers)


def release(*, owner: str, pause_seconds: float = 0) -> None:
    """Gives back what this owner leased and did not call a provider for."""
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, {"owner": owner, "pause": pause_seconds})


@transaction.atomic
def _lease(statement: str, *, owner: str, down: Sequence[str] = (), providers: Sequence[str] = ()) -> list[Lease]:
    given: dict[str, Any] = {
        "owner": owner,
        "batch": settings.SENDER_BATCH,
        "seconds": settings.SENDER_LEASE_SECONDS,
        "down": list(down),
        "providers": list(providers),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        rows = cursor.fetchall()
    return [Lease(id, fence, owner, *rest) for id, fence, *rest in rows]
