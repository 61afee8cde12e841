"""How far the sender is behind: for /readyz, /metrics and the console."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

# Beyond this many due rows the number no longer tells anybody more.
COUNTED = 10_000
STUCK_SECONDS = 60.0


@dataclass(frozen=True)
class Lag:
    """Seconds are the database's; `idle_seconds` is None when nothing was ever attempted."""

    due: int
    oldest_seconds: float
    idle_seconds: float | None
    unknown: int

    @property
    def stuck(self) -> bool:
        """Something has been due for a minute and nothing was attempted meanwhile: no worker, or one that hangs."""
        idle = self.idle_seconds is None or self.idle_seconds > STUCK_SECONDS
        return self.oldest_seconds > STUCK_SECONDS and idle


# Attempts are keyed by time-ordered ids: the last one is found without an index of its own.
_LAG = """
SELECT
  count(*), coalesce(extract(epoch FROM statement_timestamp() - min(due.next_try_at)), 0),
  (SELECT extract(epoch FROM statement_timestamp() - t.started_at)
   FROM campaigns_sendattempt t ORDER BY t.id DESC LIMIT 1),
  (SELECT count(*) FROM (SELECT 1 FROM campaigns_message r WHERE r.state = 'recon' LIMIT %(counted)s) unknown)
FROM (
  SELECT m.next_try_at FROM campaigns_message m JOIN accounts_account a ON a.id = m.account_id
  WHERE m.state = 'scheduled' AND m.next_try_at <= statement_timestamp() AND a.active AND a.deleted_at IS NULL
  LIMIT %(counted)s
) due
"""


def sender_lag() -> Lag:
    """One query over the sender's own small indexes."""
    with connection.cursor() as cursor:
        cursor.execute(_LAG, {"counted": COUNTED})
        due, oldest, idle, unknown = cursor.fetchone()
    return Lag(due, float(oldest), None if idle is None else float(idle), unknown)
