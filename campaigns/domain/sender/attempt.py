"""The attempt's transaction: all checks, then a committed permission to call the provider once. About a millisecond,
no network.

Lock order: address, person, message row, quota row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from campaigns import failpoints
from campaigns.domain import hours, links
from campaigns.domain.sender import decisions, gates, quota, subjects
from campaigns.domain.sender.claim import Lease
from campaigns.domain.sender.gates import Decision, Verdict
from campaigns.domain.sender.subjects import Subject
from campaigns.models import Message, MessageTemplate, SendAttempt
from campaigns.providers.base import Envelope, Provider
from crm.domain.locks import person_at_address
from feedbackhub.ids import uuid7
from feedbackhub.postgres.compiled import Compiled
from feedbackhub.postgres.cursors import prepared

Outcome = SendAttempt.Outcome
State = Message.State

QUOTA_PAUSE = timedelta(minutes=10)
# Before a call of unknown fate is thought of again while its campaign is paused.
HELD_PAUSE = timedelta(minutes=5)


@dataclass(frozen=True)
class Grant:
    """Permission for one call: the attempt row is committed."""

    lease: Lease
    attempt_id: UUID
    seq: int
    calls_granted: int
    envelope: Envelope


def begin(*, lease: Lease, provider: Provider, attempt_id: UUID | None = None) -> Grant | None:
    """The grant, or None when the lease is lost or a gate objected (the message then has its new state).

    `attempt_id` is chosen before the commit, so that a process whose COMMIT is in doubt knows what to take back.
    Raises whatever the database raises.
    """
    with transaction.atomic(durable=True):
        person_at_address(lease.account_id, lease.customer_id, lease.address)
        subject = _locked(lease, provider)
        if subject is None:
            return None
        earlier = _earlier(lease)
        unknown = next((one for one in earlier if one.outcome == Outcome.UNKNOWN), None)
        decision, month = gates.judge(subject), None
        if decision.objection is None and unknown is None and subject.message.channel == MessageTemplate.Channel.SMS:
            decision, month = _charged(subject, decision)
        decisions.store(message=subject.message, decision=decision)
        if decision.objection is not None:
            _give_way(lease, decision.objection, subject, called_before=unknown is not None)
            return None
        if unknown is not None:
            attempt = _again(unknown, lease)
        else:
            fresh = attempt_id or uuid7()
            attempt = _first(lease, provider, subject, seq=len(earlier) + 1, month=month, attempt_id=fresh)
        _extend(lease)
        failpoints.hit("before_attempt_commit")
        failpoints.hit("mid_attempt_commit")
    failpoints.hit("after_attempt_commit")
    return Grant(lease, attempt.pk, attempt.seq, attempt.calls_granted, _envelope(subject.message, attempt))


def _charged(subject: Subject, decision: Decision) -> tuple[Decision, date | None]:
    """The last gate takes as well as looks: SMS segments of the month, or it objects."""
    message = subject.message
    month = quota.charge(account=message.account, count=message.sms_segments, now=subject.now)
    used_up = gates.Wait(subject.now + QUOTA_PAUSE, "The month's SMS allowance is used up.")
    return decision.also(gates.verdict("sms_allowance", quota.RULE, used_up if month is None else None)), month


def _message(pk: UUID, fence: int) -> QuerySet[Message]:
    return (
        Message.objects.filter(pk=pk, fence=fence, state=State.LEASED, lease_until__gt=Now())
        .select_related(
            "account__sending_rules",
            "campaign_step",
            "customer",
            "feedback_request__location",
            "feedback_request__enrolment__campaign",
            "feedback_request__enrolment__location",
        )
        .select_for_update(of=("self",))
        .annotate(db_now=Now())
    )


_MESSAGE = Compiled(_message, pk=UUID(int=4711), fence=-4711)
_EARLIER = Compiled(
    lambda message: SendAttempt.objects.select_for_update().filter(message=message).order_by("seq"),
    message=UUID(int=4711),
)


def _locked(lease: Lease, provider: Provider) -> Subject | None:
    """The message if it is still ours: same fence, lease unexpired by the database's clock."""
    for row in _MESSAGE.fetch(pk=lease.message_id, fence=lease.fence):
        _share_account(row)
        return subjects.load([row], now=row.db_now, sender=getattr(provider, "sender", ""))[0]  # type: ignore[attr-defined]
    return None


def _share_account(message: Message) -> None:
    """Everything about a message is its account's: one copy will do."""
    request = message.feedback_request
    message.customer.account = message.account
    if request is not None:
        request.location.account = message.account
        if request.enrolment is not None and request.enrolment.location is not None:
            request.enrolment.location.account = message.account


def _earlier(lease: Lease) -> list[SendAttempt]:
    """Locked: the maker of one whose fate nobody knows may be about to say that it never happened."""
    return _EARLIER.fetch(message=lease.message_id)


def _give_way(lease: Lease, objection: Verdict, subject: Subject, *, called_before: bool) -> None:
    """A gate objected. Of a message that may be out already nothing but "unknown" can be said."""
    row = Message.objects.filter(pk=lease.message_id)
    free: dict[str, Any] = {
        "lease_owner": None,
        "lease_until": None,
        "reason": objection.detail[:500],
        "updated_at": Now(),
    }
    moment = objection.next_eligible_at
    if objection.state == State.HELD and called_before:
        moment = subject.now + HELD_PAUSE
    if moment is not None:
        free["state"] = State.RECON if called_before else State.SCHEDULED
        if objection.gate == gates.DECENT_HOUR:
            free["not_after"] = _last_moment(subject)
        row.update(next_try_at=Now() + (moment - subject.now), **free)
    elif called_before:
        free["reason"] = f"Its fate is unknown, and it was not tried again. {objection.detail}"[:500]
        row.update(state=State.UNKNOWN_FINAL, **free)
    else:
        row.update(state=objection.state, **free)


def _last_moment(subject: Subject) -> datetime:
    """A night is no lateness: it counts from when the message could go at first, and so cannot grow night by night."""
    message = subject.message
    first = hours.held_until(message=message, rules=subject.rules, moment=max(message.due_at, message.created_at))
    return max(message.not_after, first + timedelta(hours=settings.MESSAGE_LATENESS_HOURS))


_EXTEND = """
UPDATE campaigns_message SET lease_until = statement_timestamp() + make_interval(secs => %s),
  updated_at = statement_timestamp() WHERE id = %s
"""
_PERMIT = """
INSERT INTO campaigns_sendattempt (message_id, id, seq, provider, idem_key, key_expires_at, quota_month, fence, owner,
  outcome, calls_granted, provider_ref, error)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'started', 1, '', '')
"""


def _first(
    lease: Lease, provider: Provider, subject: Subject, *, seq: int, month: date | None, attempt_id: UUID
) -> SendAttempt:
    attempt = SendAttempt(
        id=attempt_id,
        message_id=lease.message_id,
        seq=seq,
        provider=provider.name,
        idem_key=f"{lease.message_id}:{seq}",
        key_expires_at=_expiry(subject.now, provider),
        quota_month=month,
        fence=lease.fence,
        owner=lease.owner,
    )
    with prepared() as cursor:
        cursor.execute(
            _PERMIT,
            [
                lease.message_id,
                attempt.pk,
                seq,
                attempt.provider,
                attempt.idem_key,
                attempt.key_expires_at,
                month,
                lease.fence,
                lease.owner,
            ],
        )
    return attempt


def _again(attempt: SendAttempt, lease: Lease) -> SendAttempt:
    """One more call under the same key; from now on no single caller can prove that nothing was sent."""
    SendAttempt.objects.filter(pk=attempt.pk).update(
        outcome=Outcome.STARTED, calls_granted=F("calls_granted") + 1, fence=lease.fence, owner=lease.owner
    )
    attempt.refresh_from_db()
    return attempt


def _extend(lease: Lease) -> None:
    """The lease now covers the call, not the place in the batch."""
    with prepared() as cursor:
        cursor.execute(_EXTEND, [settings.SENDER_LEASE_SECONDS, lease.message_id])


def _expiry(now: datetime, provider: Provider) -> datetime | None:
    return now + provider.remembers if provider.remembers else None


def _envelope(message: Message, attempt: SendAttempt) -> Envelope:
    return Envelope(
        channel=message.channel,
        to=message.address,
        subject=message.subject,
        text=message.text_body,
        html=message.html_body,
        from_name=message.from_name,
        reply_to=message.reply_to,
        unsubscribe_url=links.unsubscribe_url(message),
        list_name=message.from_name,
        list_code=message.account.public_id,
        idem_key=attempt.idem_key,
        message_id=message.pk,
        attempt_id=attempt.pk,
        account_id=message.account_id,
    )
