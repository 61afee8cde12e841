"""What became of a call, recorded by compare-and-set: a late or repeated record changes nothing."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from campaigns import failpoints
from campaigns.domain.sender import quota
from campaigns.domain.sender.attempt import Grant
from campaigns.models import FeedbackRequest, Message, MessageTemplate, SendAttempt
from campaigns.providers.base import Finding, Outcome, Verdict
from crm.domain import suppressions
from crm.models import Suppression
from feedbackhub.postgres.compiled import Compiled
from feedbackhub.postgres.cursors import prepared

Fate = SendAttempt.Outcome
State = Message.State

# Pauses between attempts, by how many there were; `not_after` ends it.
PAUSES = (30.0, 60.0, 300.0, 900.0, 1800.0)
# Before a call of unknown fate is repeated, doubled for each repetition.
UNKNOWN_PAUSE = 10.0
# Nobody asks about an unknown fate for longer than this.
HORIZON = timedelta(hours=24)

_PROOF = """
UPDATE campaigns_sendattempt SET outcome = 'accepted', provider_ref = %s, status_code = %s, error = '',
  finished_at = statement_timestamp() WHERE id = %s AND outcome IN ('started', 'unknown')
"""
_ACCEPTED = """
UPDATE campaigns_message SET state = 'accepted', reason = '', lease_owner = NULL, lease_until = NULL,
  updated_at = statement_timestamp()
WHERE id = %s AND state IN ('scheduled', 'leased', 'recon', 'unknown_final')
"""
_LAST = "UPDATE crm_customer SET {last} = statement_timestamp() WHERE id = %s"
# The request's `updated` moves with every event.
_TOUCH = "UPDATE campaigns_feedbackrequest SET updated_at = statement_timestamp() WHERE id = %s"

_FREE: dict[str, Any] = {"lease_owner": None, "lease_until": None}


def record(*, grant: Grant, outcome: Outcome) -> None:
    """Applies what the caller of the provider knows; proof counts whenever it comes, anything else only in time."""
    if outcome.verdict == Verdict.ACCEPTED:
        accept(attempt_id=grant.attempt_id, outcome=outcome)
    elif outcome.verdict == Verdict.UNKNOWN or grant.calls_granted > 1:
        # After a second call under one key, even a refusal says nothing about the first.
        _unknown(grant, outcome)
    elif outcome.verdict == Verdict.NOT_SENT:
        _not_sent(grant, outcome)
    else:
        _rejected(grant, outcome)


@transaction.atomic
def accept(*, attempt_id: UUID, outcome: Outcome) -> bool:
    """Proof that the provider has it, from whoever has the proof. False when it was known already."""
    message = _locked(attempt_id)
    with prepared() as cursor:
        cursor.execute(_PROOF, [outcome.ref[:255], outcome.status, attempt_id])
        if not cursor.rowcount:
            return False
        failpoints.hit("mid_finalise")
        cursor.execute(_ACCEPTED, [message.pk])
    # The audit tracks both: no prepared statements.
    with connection.cursor() as cursor:
        last = "last_sms_at" if message.channel == MessageTemplate.Channel.SMS else "last_email_at"
        cursor.execute(_LAST.format(last=last), [message.customer_id])
        if message.feedback_request_id is not None:
            cursor.execute(_TOUCH, [message.feedback_request_id])
    return True


@transaction.atomic
def _unknown(grant: Grant, outcome: Outcome) -> None:
    if _move(grant, Fate.UNKNOWN, outcome):
        pause = timedelta(seconds=UNKNOWN_PAUSE * 2 ** min(grant.calls_granted - 1, 8))
        _settle(grant, State.RECON, reason=outcome.error, next_try_at=Now() + pause)


@transaction.atomic
def _not_sent(grant: Grant, outcome: Outcome) -> None:
    if _move(grant, Fate.NOT_SENT, outcome):
        _give_back(grant.attempt_id)
        _settle(grant, State.SCHEDULED, reason=outcome.error, next_try_at=Now() + _pause(grant, None))


@transaction.atomic
def _rejected(grant: Grant, outcome: Outcome) -> None:
    if outcome.finding is not None:
        # Takes the address lock, so before any row is locked.
        _suppress(grant, outcome.finding, outcome.error)
    if not _move(grant, Fate.REJECTED, outcome):
        return
    _give_back(grant.attempt_id)
    if outcome.retry_after is not None:
        pause = _pause(grant, outcome.retry_after)
        _settle(grant, State.SCHEDULED, reason=outcome.error, next_try_at=Now() + pause)
        return
    state = {Finding.STOP: State.SUPPRESSED, Finding.HARD_BOUNCE: State.BOUNCED}.get(
        outcome.finding or Finding.SMS_FAILED, State.FAILED
    )
    _settle(grant, state, reason=outcome.error)
    if state == State.BOUNCED:
        FeedbackRequest.objects.filter(message=grant.lease.message_id, bounced_at=None).update(
            bounced_at=Now(), bounce_reason=outcome.error[:500], updated_at=Now()
        )


def take_back(*, attempt_id: UUID, owner: str) -> bool:
    """Undoes an attempt whose COMMIT was in doubt, by the process that then did not call. False if there is none."""
    error = "the commit was in doubt; nothing was sent"
    with transaction.atomic():
        message = Message.objects.select_for_update().filter(attempts=attempt_id).first()
        changed = SendAttempt.objects.filter(
            pk=attempt_id, owner=owner, calls_granted=1, outcome__in=[Fate.STARTED, Fate.UNKNOWN]
        ).update(outcome=Fate.NOT_SENT, error=error, finished_at=Now())
        if message is None or not changed:
            return False
        _give_back(attempt_id)
        Message.objects.filter(pk=message.pk, state__in=[State.LEASED, State.RECON]).update(
            state=State.SCHEDULED, next_try_at=Now(), updated_at=Now(), **_FREE
        )
    return True


_MESSAGE = Compiled(
    lambda attempt: (
        Message.objects.select_for_update().only("channel", "customer", "feedback_request").filter(attempts=attempt)
    ),
    attempt=UUID(int=4711),
)


def _locked(attempt_id: UUID) -> Message:
    """Everybody locks the message before the attempt."""
    return _MESSAGE.fetch(attempt=attempt_id)[0]


def _move(grant: Grant, fate: str, outcome: Outcome) -> bool:
    """The attempt, if it is still this grant's. A refusal or "never sent" is proof for a call that was the only one,
    even when the reaper has meanwhile called it unknown."""
    _locked(grant.attempt_id)
    from_states = Q(outcome=Fate.STARTED)
    if fate != Fate.UNKNOWN:
        from_states |= Q(outcome=Fate.UNKNOWN, calls_granted=1)
    found = SendAttempt.objects.filter(
        from_states, pk=grant.attempt_id, owner=grant.lease.owner, calls_granted=grant.calls_granted
    )
    done = None if fate == Fate.UNKNOWN else Now()
    changed = found.update(
        outcome=fate,
        status_code=outcome.status,
        error=outcome.error[:500],
        provider_ref=outcome.ref[:255],
        finished_at=done,
    )
    failpoints.hit("mid_finalise")
    return bool(changed)


def _settle(grant: Grant, state: str, *, reason: str, **more: Any) -> None:
    # An attempt that is ours implies the lease, or the recon that the reaper made of it.
    ours = Q(state=State.LEASED, fence=grant.lease.fence) | Q(state=State.RECON, fence=grant.lease.fence)
    Message.objects.filter(ours, pk=grant.lease.message_id).update(
        state=state, reason=reason[:500], updated_at=Now(), **_FREE, **more
    )


def _give_back(attempt_id: UUID) -> None:
    attempt = SendAttempt.objects.select_related("message").get(pk=attempt_id)
    if attempt.quota_month:
        message = attempt.message
        quota.give_back(account_id=message.account_id, count=message.sms_segments, month=attempt.quota_month)


def _suppress(grant: Grant, finding: Finding, error: str) -> None:
    message = Message.objects.select_related("account", "customer").get(pk=grant.lease.message_id)
    from_person = finding == Finding.STOP
    suppressions.suppress(
        account=message.account,
        channel=message.channel,
        reason=Suppression.Reason(finding.value),
        source=Suppression.Source.RECIPIENT if from_person else Suppression.Source.PROVIDER,
        address=message.address,
        customer=message.customer if from_person else None,
        evidence={"attempt": str(grant.attempt_id), "answer": error},
    )


def _pause(grant: Grant, asked: float | None) -> timedelta:
    """Growing, and spread a little so that a batch does not come back as one."""
    own = PAUSES[min(grant.seq, len(PAUSES)) - 1]
    return timedelta(seconds=max(asked or 0.0, own) * random.uniform(1, 1.2))  # noqa: S311
