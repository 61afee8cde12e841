"""How far the sender is behind: for /readyz, /metrics, the watchdog and `manage.py sender`."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from feedbackhub.queues import COUNTED, Lag

STUCK_SECONDS = 60.0


@dataclass(frozen=True)
class SenderLag(Lag):
    """Seconds are the database's; `idle_seconds` is None when nothing was ever attempted."""

    idle_seconds: float | None
    unknown: int

    @property
    def stuck(self) -> bool:
        """Something has been due for a minute and nothing was attempted meanwhile: no worker, or one that hangs."""
        idle = self.idle_seconds is None or self.idle_seconds > STUCK_SECONDS
        return self.oldest_seconds > STUCK_SECONDS and idle


# Who has scheduled messages, an account's channel at a time, by hopping over the index `message_due`: one probe each.
# A query goes on with `, name AS (…)`.
HOP = """
WITH RECURSIVE hop(account_id, channel) AS (
  (SELECT account_id, channel FROM campaigns_message WHERE state = 'scheduled' ORDER BY account_id, channel LIMIT 1)
  UNION ALL
  SELECT next.account_id, next.channel FROM hop CROSS JOIN LATERAL (
    SELECT m.account_id, m.channel FROM campaigns_message m
    WHERE m.state = 'scheduled' AND (m.account_id, m.channel) > (hop.account_id, hop.channel)
    ORDER BY m.account_id, m.channel LIMIT 1
  ) next
)"""

# Everybody's first row is one more probe: the oldest is the oldest however many are due. Attempts are keyed by
# time-ordered ids: the last one needs no index of its own.
_LAG = (
    HOP  # noqa: S608 - constants of ours
    + """, waiting AS (
  SELECT hop.account_id, hop.channel, first.at FROM hop
  JOIN accounts_account a ON a.id = hop.account_id AND a.active AND a.deleted_at IS NULL
  CROSS JOIN LATERAL (
    SELECT min(m.next_try_at) AS at FROM campaigns_message m
    WHERE m.account_id = hop.account_id AND m.channel = hop.channel AND m.state = 'scheduled'
  ) first
  WHERE first.at <= statement_timestamp()
)
SELECT
  (SELECT count(*) FROM (
    SELECT 1 FROM waiting JOIN campaigns_message m USING (account_id, channel)
    WHERE m.state = 'scheduled' AND m.next_try_at <= statement_timestamp() LIMIT %(counted)s
  ) due),
  (SELECT coalesce(extract(epoch FROM statement_timestamp() - min(at)), 0) FROM waiting),
  (SELECT extract(epoch FROM statement_timestamp() - t.started_at)
   FROM campaigns_sendattempt t ORDER BY t.id DESC LIMIT 1),
  (SELECT count(*) FROM (SELECT 1 FROM campaigns_message r WHERE r.state = 'recon' LIMIT %(counted)s) unknown)
"""
)


def sender_lag() -> SenderLag:
    """One query over the sender's own small indexes."""
    with connection.cursor() as cursor:
        cursor.execute(_LAG, {"counted": COUNTED})
        due, oldest, idle, unknown = cursor.fetchone()
    return SenderLag(due, float(oldest), None if idle is None else float(idle), unknown)
