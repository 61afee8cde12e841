"""What nobody is working on any more: lost leases, fates nobody will learn, messages whose time is over."""

from __future__ import annotations

from django.db import connection

from campaigns.domain.sender.finish import HORIZON

# Leased, expired, and no call was permitted: as if it had never been claimed. An attempt in the making holds the row;
# after it commits, `lease_until` is ahead again and the condition, checked anew, no longer holds.
_UNCLAIM = """
UPDATE campaigns_message m SET
  state = 'scheduled', lease_owner = NULL, lease_until = NULL, updated_at = statement_timestamp()
WHERE m.state = 'leased' AND m.lease_until < statement_timestamp() AND NOT EXISTS (
  SELECT 1 FROM campaigns_sendattempt t
  WHERE t.message_id = m.id AND t.outcome IN ('started', 'unknown', 'accepted'))
"""

# Leased, expired, and a call was permitted: unknown is all that a bystander may say.
_UNKNOWN = """
WITH lost AS (
  SELECT m.id FROM campaigns_message m
  WHERE m.state = 'leased' AND m.lease_until < statement_timestamp() AND EXISTS (
    SELECT 1 FROM campaigns_sendattempt t WHERE t.message_id = m.id AND t.outcome IN ('started', 'unknown'))
  FOR UPDATE SKIP LOCKED
), fate AS (
  UPDATE campaigns_sendattempt t SET outcome = 'unknown', error = 'the sender was lost before it had an answer'
  FROM lost WHERE t.message_id = lost.id AND t.outcome = 'started'
)
UPDATE campaigns_message m SET state = 'recon', lease_owner = NULL, lease_until = NULL,
  reason = 'The sender was lost before it had an answer.',
  next_try_at = statement_timestamp(), updated_at = statement_timestamp()
FROM lost WHERE m.id = lost.id
"""

_FINAL = """
UPDATE campaigns_message m SET state = 'unknown_final', updated_at = statement_timestamp()
WHERE m.state = 'recon' AND EXISTS (
  SELECT 1 FROM campaigns_sendattempt t
  WHERE t.message_id = m.id AND t.outcome = 'unknown'
    AND t.started_at < statement_timestamp() - make_interval(secs => %(horizon)s))
"""

_EXPIRED = """
UPDATE campaigns_message m SET state = 'expired', updated_at = statement_timestamp(),
  reason = left(trim('Too late to send. ' || m.reason), 500)
WHERE m.id IN (
  SELECT s.id FROM campaigns_message s WHERE s.state = 'scheduled' AND s.not_after < statement_timestamp()
  ORDER BY s.not_after LIMIT 1000 FOR UPDATE SKIP LOCKED)
"""


def reap() -> dict[str, int]:
    """Each step is one statement; running it twice or on two machines changes nothing more."""
    return {
        "unclaimed": _run(_UNCLAIM),
        "unknown": _run(_UNKNOWN),
        "unknown_final": _run(_FINAL),
        "expired": _run(_EXPIRED),
    }


def _run(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"horizon": HORIZON.total_seconds()})
        return int(cursor.rowcount)
