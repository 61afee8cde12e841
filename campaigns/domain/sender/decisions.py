"""The decision ledger: what every gate said, kept when the sender or a campaign decided."""

from __future__ import annotations

import json
from typing import Any

from django.utils.dateparse import parse_datetime

from campaigns.domain.sender.gates import Decision, Verdict
from campaigns.models import Decision as Row
from campaigns.models import Enrolment, Message, Step
from feedbackhub.postgres.cursors import prepared

# The same answer again counts up: one statement, because it runs in every attempt's transaction.
_STORE = """
INSERT INTO campaigns_decision AS d
  (account_id, message_id, enrolment_id, step_id, gate, verdicts, next_eligible_at, times)
VALUES (%(account)s, %(message)s, %(enrolment)s, %(step)s, %(gate)s, %(verdicts)s, %(next)s, 1)
ON CONFLICT {target} DO UPDATE SET
  verdicts = excluded.verdicts, next_eligible_at = excluded.next_eligible_at,
  last_at = statement_timestamp(), times = d.times + 1
"""
_BY_MESSAGE = _STORE.format(target="(message_id, gate) WHERE message_id IS NOT NULL")
_BY_STEP = _STORE.format(target="(enrolment_id, step_id, gate) WHERE enrolment_id IS NOT NULL")


def store(*, message: Message, decision: Decision) -> None:
    """What was decided about a message, in the attempt's own transaction."""
    _store(_BY_MESSAGE, decision, account=message.account_id, message=message.pk)


def store_step(*, enrolment: Enrolment, step: Step, decision: Decision) -> None:
    """Why a step became no message for this person."""
    _store(_BY_STEP, decision, account=enrolment.account_id, enrolment=enrolment.pk, step=step.pk)


def _store(statement: str, decision: Decision, **about: Any) -> None:
    objection = decision.objection
    given = {
        "message": None,
        "enrolment": None,
        "step": None,
        **about,
        "gate": objection.gate if objection else "",
        "verdicts": json.dumps([as_json(verdict) for verdict in decision.verdicts]),
        "next": objection.next_eligible_at if objection else None,
    }
    with prepared() as cursor:
        cursor.execute(statement, given)


def as_json(verdict: Verdict) -> dict[str, Any]:
    moment = verdict.next_eligible_at
    return {
        "gate": verdict.gate,
        "rule": verdict.rule,
        "allowed": verdict.allowed,
        "detail": verdict.detail,
        "next_eligible_at": moment.isoformat() if moment else None,
    }


def verdicts_of(row: Row) -> list[Verdict]:
    """As they were given, without the states they led to."""
    return [
        Verdict(
            gate=each["gate"],
            allowed=each["allowed"],
            rule=each["rule"],
            next_eligible_at=parse_datetime(each["next_eligible_at"]) if each["next_eligible_at"] else None,
            detail=each["detail"],
        )
        for each in row.verdicts
    ]
