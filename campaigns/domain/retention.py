"""What is kept for a while only: the events of providers as they came, and the mails of the outbox inside the hub.

An event's row stays: its id is what makes a repetition change nothing, and a signed event may be repeated years later.
What it said about a person goes. What it led to (a state, a do-not-contact row with its evidence) is no raw data.
"""

from __future__ import annotations

from django.conf import settings
from django.db import connection

# Rows a step, a transaction each; steps a run. The next run goes on.
STEP = 1000
STEPS = 50

# In the order of the index `provider_event_raw`, which a blanked row leaves.
_BLANK = """
UPDATE campaigns_providerevent SET raw = '{}', detail = '' WHERE id IN (
  SELECT id FROM campaigns_providerevent
  WHERE NOT (raw = '{}') AND received_at < statement_timestamp() - make_interval(days => %s)
  ORDER BY received_at LIMIT %s FOR UPDATE SKIP LOCKED)
"""
_DELETE = """
DELETE FROM campaigns_outboxentry WHERE id IN (
  SELECT id FROM campaigns_outboxentry
  WHERE created_at < statement_timestamp() - make_interval(days => %s)
  ORDER BY created_at LIMIT %s FOR UPDATE SKIP LOCKED)
"""


def forget() -> dict[str, int]:
    """How many events were blanked and mails deleted; running it twice, or at once, changes nothing more."""
    return {
        "events": _in_steps(_BLANK, settings.PROVIDER_EVENT_DAYS),
        "outbox": _in_steps(_DELETE, settings.OUTBOX_DAYS),
    }


def _in_steps(statement: str, days: int) -> int:
    done = 0
    for _ in range(STEPS):
        with connection.cursor() as cursor:
            cursor.execute(statement, [days, STEP])
            done += cursor.rowcount
            if cursor.rowcount < STEP:
                break
    return done
