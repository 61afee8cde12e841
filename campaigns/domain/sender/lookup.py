"""Asks the provider what became of calls whose answer was lost (class B): at 30 s, 2 min, 10 min, then every hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction

from campaigns.domain.sender import finish
from campaigns.domain.sender.finish import HORIZON
from campaigns.providers.base import LooksUp

log = structlog.get_logger(__name__)

BATCH = 20

# The next look is set before this one is made: whoever dies while asking delays the answer, nothing else. The pause
# depends on how old the attempt is, so that nobody needs to count looks.
_TURN = """
WITH turn AS (
  SELECT m.id, t.id AS attempt_id, extract(epoch FROM statement_timestamp() - t.started_at) AS age
  FROM campaigns_message m JOIN campaigns_sendattempt t ON t.message_id = m.id AND t.outcome = 'unknown'
  WHERE m.state = 'recon' AND m.next_try_at <= statement_timestamp() AND t.provider = %(provider)s
    AND t.started_at < statement_timestamp() - interval '30 seconds'
    AND t.started_at > statement_timestamp() - make_interval(secs => %(horizon)s)
  ORDER BY m.next_try_at, m.id LIMIT %(batch)s FOR UPDATE OF m SKIP LOCKED
)
UPDATE campaigns_message m SET next_try_at = statement_timestamp() + make_interval(
  secs => CASE WHEN turn.age < 120 THEN 90 WHEN turn.age < 600 THEN 480 ELSE 3600 END)
FROM turn WHERE m.id = turn.id
RETURNING turn.attempt_id, m.address, m.text_body
"""


@dataclass(frozen=True)
class Question:
    attempt_id: UUID
    to: str
    text: str


def look_up(provider: LooksUp) -> int:
    """How many fates became known. Only ever finds proof that a message was accepted: not finding one proves
    nothing, because a provider may list late."""
    found = 0
    for question in _turn(provider.name):
        outcome = provider.look_up(to=question.to, text=question.text)
        if outcome is not None and finish.accept(attempt_id=question.attempt_id, outcome=outcome):
            found += 1
            log.info("fate found", attempt=str(question.attempt_id))
    return found


@transaction.atomic
def _turn(provider: str) -> list[Question]:
    given: dict[str, Any] = {"provider": provider, "batch": BATCH, "horizon": HORIZON.total_seconds()}
    with connection.cursor() as cursor:
        cursor.execute(_TURN, given)
        return [Question(*row) for row in cursor.fetchall()]
