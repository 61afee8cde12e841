"""What became of a call: proof whenever it comes, anything else only from the one who called."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.models import Account
from campaigns.domain.sender import attempt, claim, finish, reap
from campaigns.models import FeedbackRequest, Message, SendAttempt, SmsQuota
from campaigns.providers import base
from campaigns.providers.base import Finding, Outcome
from crm.domain import suppressions
from crm.models import Customer, Suppression
from tests.campaigns.asking import Scripted, ask, lose_lease, make_due

pytestmark = pytest.mark.django_db

NOT_SENT = base.not_sent("no connection")
REFUSED = base.refused("550 no", status=550)
LATER = base.refused_for_now("451 busy", status=451)
UNKNOWN = base.unknown("reset")
ACCEPTED = base.accepted("SM1", status=201)


def granted(account: Account, channel: str = "email", *, remembers: timedelta | None = None) -> attempt.Grant:
    ask(account, channel)
    [lease] = claim.due(owner="me")
    grant = attempt.begin(lease=lease, provider=Scripted(remembers=remembers))
    assert grant is not None
    return grant


def states(grant: attempt.Grant) -> tuple[str, str]:
    row = SendAttempt.objects.select_related("message").get(pk=grant.attempt_id)
    return row.outcome, row.message.state


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (ACCEPTED, ("accepted", "accepted")),
        (REFUSED, ("rejected", "failed")),
        (LATER, ("rejected", "scheduled")),
        (NOT_SENT, ("not_sent", "scheduled")),
        (UNKNOWN, ("unknown", "recon")),
    ],
)
def test_an_outcome_moves_attempt_and_message(account: Account, outcome: Outcome, expected: tuple[str, str]):
    grant = granted(account)
    finish.record(grant=grant, outcome=outcome)
    assert states(grant) == expected
    message = Message.objects.get()
    assert (message.lease_owner, message.lease_until) == (None, None)
    assert message.reason == outcome.error


def test_acceptance_keeps_the_reference_and_tells_customer_and_request(account: Account):
    grant = granted(account, "sms")
    before = FeedbackRequest.objects.get().updated_at
    finish.record(grant=grant, outcome=ACCEPTED)
    row = SendAttempt.objects.select_related("message__customer").get()
    assert (row.provider_ref, row.status_code) == ("SM1", 201)
    assert row.finished_at is not None
    assert row.message.customer.last_sms_at is not None
    assert row.message.customer.last_email_at is None
    assert FeedbackRequest.objects.get().updated_at > before


@pytest.mark.parametrize("outcome", [ACCEPTED, REFUSED, LATER, NOT_SENT, UNKNOWN])
@pytest.mark.parametrize("later", [ACCEPTED, REFUSED, LATER, NOT_SENT, UNKNOWN])
def test_a_second_record_never_moves_anything_backwards(account: Account, outcome: Outcome, later: Outcome):
    grant = granted(account)
    finish.record(grant=grant, outcome=outcome)
    first = states(grant)
    finish.record(grant=grant, outcome=later)
    # Only an unknown fate can still be cleared up, and only by proof.
    cleared = {
        ACCEPTED: ("accepted", "accepted"),
        REFUSED: ("rejected", "failed"),
        LATER: ("rejected", "scheduled"),
        NOT_SENT: ("not_sent", "scheduled"),
    }
    assert states(grant) == (cleared.get(later, first) if outcome is UNKNOWN else first)


def test_proof_that_comes_after_the_reaper_still_counts(account: Account):
    for proof, expected in ((ACCEPTED, "accepted"), (NOT_SENT, "scheduled"), (REFUSED, "failed")):
        grant = granted(account)
        lose_lease(Message.objects.get(pk=grant.lease.message_id))
        reap.reap()
        assert states(grant) == ("unknown", "recon")
        finish.record(grant=grant, outcome=proof)
        assert states(grant)[1] == expected
        Message.objects.filter(state="scheduled").update(state="cancelled")


def test_acceptance_counts_even_when_the_fate_had_been_given_up(account: Account):
    grant = granted(account)
    finish.record(grant=grant, outcome=UNKNOWN)
    Message.objects.update(state="unknown_final")
    assert finish.accept(attempt_id=grant.attempt_id, outcome=ACCEPTED) is True
    assert states(grant) == ("accepted", "accepted")
    assert finish.accept(attempt_id=grant.attempt_id, outcome=ACCEPTED) is False


@pytest.mark.parametrize("second_owner", ["other", "me"])
def test_after_a_second_call_under_one_key_a_refusal_proves_nothing(account: Account, second_owner: str):
    grant = granted(account, remembers=timedelta(hours=1))
    finish.record(grant=grant, outcome=UNKNOWN)
    make_due(Message.objects.get())
    [lease] = claim.repeatable(owner=second_owner, providers=["scripted"])
    again = attempt.begin(lease=lease, provider=Scripted())
    assert again is not None
    assert (again.attempt_id, again.calls_granted, again.envelope.idem_key) == (
        grant.attempt_id,
        2,
        grant.envelope.idem_key,
    )
    # The first caller wakes up and says that it never sent: too late to release anything.
    finish.record(grant=grant, outcome=NOT_SENT)
    assert states(grant) == ("started", "leased")
    for outcome in (REFUSED, NOT_SENT, LATER):
        finish.record(grant=again, outcome=outcome)
        assert states(grant) == ("unknown", "recon")
        SendAttempt.objects.update(outcome="started")
        Message.objects.update(state="leased", lease_owner=second_owner, lease_until=timezone.now())
    finish.record(grant=again, outcome=ACCEPTED)
    assert states(grant) == ("accepted", "accepted")


def test_pauses_grow_and_respect_what_the_provider_asks(account: Account):
    pauses = []
    grant = granted(account)
    for _ in range(7):
        finish.record(grant=grant, outcome=LATER)
        message = Message.objects.get()
        pauses.append((message.next_try_at - timezone.now()).total_seconds())
        make_due(message)
        [lease] = claim.due(owner="me")
        grant = attempt.begin(lease=lease, provider=Scripted())  # type: ignore[assignment]
    bounds = [(30, 36), (60, 72), (300, 360), (900, 1080), (1800, 2160), (1800, 2160), (1800, 2160)]
    assert all(low - 2 <= pause <= high for pause, (low, high) in zip(pauses, bounds, strict=True))
    finish.record(grant=grant, outcome=base.refused_for_now("429", retry_after=3600))
    assert Message.objects.get().next_try_at > timezone.now() + timedelta(minutes=59)
    assert list(SendAttempt.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, 9))


@pytest.mark.parametrize(
    ("channel", "finding", "state", "reason", "source"),
    [
        ("sms", Finding.STOP, "suppressed", "stop", "recipient"),
        ("sms", Finding.SMS_FAILED, "failed", "sms_failed", "provider"),
        ("email", Finding.HARD_BOUNCE, "bounced", "hard_bounce", "provider"),
    ],
)
def test_what_a_refusal_tells_about_the_address_is_kept(
    account: Account, channel: str, finding: Finding, state: str, reason: str, source: str
):
    grant = granted(account, channel)
    finish.record(grant=grant, outcome=base.refused("no such", status=550, finding=finding))
    message = Message.objects.select_related("customer", "feedback_request").get()
    row = Suppression.objects.get()
    assert (message.state, row.reason, row.source, row.channel) == (state, reason, source, channel)
    assert row.address == message.address.lower()
    assert row.evidence == {"attempt": str(grant.attempt_id), "answer": "no such"}
    assert suppressions.is_opted_out(message.customer) == (finding == Finding.STOP)
    assert Customer.objects.filter(undeliverable=True).exists() == (finding != Finding.STOP)
    assert message.feedback_request is not None
    assert message.feedback_request.bounce_reason == ("no such" if state == "bounced" else None)
    assert (message.feedback_request.bounced_at is not None) == (state == "bounced")


@pytest.mark.parametrize(("outcome", "used"), [(ACCEPTED, 1), (UNKNOWN, 1), (NOT_SENT, 0), (REFUSED, 0), (LATER, 0)])
def test_segments_are_given_back_only_for_what_was_not_sent(account: Account, outcome: Outcome, used: int):
    grant = granted(account, "sms")
    finish.record(grant=grant, outcome=outcome)
    finish.record(grant=grant, outcome=outcome)
    assert SmsQuota.objects.get().segments_used == used


def test_an_attempt_whose_commit_was_in_doubt_is_taken_back_by_its_owner_alone(account: Account):
    grant = granted(account, "sms")
    assert finish.take_back(attempt_id=grant.attempt_id, owner="another") is False
    assert finish.take_back(attempt_id=uuid4(), owner="me") is False
    assert states(grant) == ("started", "leased")
    assert finish.take_back(attempt_id=grant.attempt_id, owner="me") is True
    assert states(grant) == ("not_sent", "scheduled")
    assert SmsQuota.objects.get().segments_used == 0
    assert finish.take_back(attempt_id=grant.attempt_id, owner="me") is False


def test_an_attempt_that_was_called_twice_is_not_taken_back(account: Account):
    grant = granted(account)
    SendAttempt.objects.update(calls_granted=F("calls_granted") + 1)
    assert finish.take_back(attempt_id=grant.attempt_id, owner="me") is False
    assert states(grant) == ("started", "leased")
