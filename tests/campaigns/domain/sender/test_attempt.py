"""The attempt: every gate, the lease, and the constraint that allows one live attempt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django import Settings

from accounts.domain.actors import PERSON
from accounts.models import Account
from campaigns.domain.sender import attempt, claim, gates, subjects
from campaigns.models import FeedbackRequest, Message, SendAttempt
from crm.models import Customer, Location, Suppression
from feedback.domain import responses
from tests.campaigns.asking import Scripted, ask, lose_lease, message_of, somebody

pytestmark = pytest.mark.django_db

PROVIDER = Scripted()


def begin(owner: str = "me") -> attempt.Grant | None:
    [lease] = claim.due(owner=owner)
    return attempt.begin(lease=lease, provider=PROVIDER)


def test_a_grant_is_a_row_and_an_envelope(account: Account):
    account.from_name, account.reply_to = "The Bakery", "alice@example.com"
    message = message_of(ask(account))
    grant = begin()
    assert grant is not None
    [row] = SendAttempt.objects.all()
    assert (row.pk, row.message_id, row.seq, row.outcome) == (grant.attempt_id, message.pk, 1, "started")
    assert (row.idem_key, row.calls_granted, row.fence, row.owner) == (f"{message.pk}:1", 1, 1, "me")
    assert (row.provider, row.key_expires_at, row.quota_month) == ("scripted", None, None)
    sent = grant.envelope
    assert (sent.to, sent.subject, sent.text, sent.html) == (
        message.address,
        message.subject,
        message.text_body,
        message.html_body,
    )
    assert (sent.idem_key, sent.from_name, sent.reply_to) == (row.idem_key, "The Bakery", "alice@example.com")
    assert sent.unsubscribe_url.endswith(f"/u/{message.unsubscribe_token}")


def test_one_live_attempt(account: Account):
    """The database refuses a second live attempt, whatever the code does."""
    message = message_of(ask(account))
    first = SendAttempt.objects.create(message=message, seq=1, provider="x", idem_key="1", fence=1, owner="a")
    for outcome in ("started", "unknown", "accepted"):
        SendAttempt.objects.filter(pk=first.pk).update(outcome=outcome)
        with pytest.raises(IntegrityError, match="one_live_attempt"), transaction.atomic():
            SendAttempt.objects.create(message=message, seq=2, provider="x", idem_key="2", fence=1, owner="b")
    for outcome in ("rejected", "not_sent"):
        SendAttempt.objects.filter(pk=first.pk).update(outcome=outcome)
        with transaction.atomic():
            second = SendAttempt.objects.create(message=message, seq=2, provider="x", idem_key="2", fence=1, owner="b")
            second.delete()


@pytest.mark.parametrize("lost", ["expired", "taken over", "cancelled"])
def test_a_lost_lease_grants_nothing(account: Account, lost: str):
    message = message_of(ask(account))
    [lease] = claim.due(owner="me")
    if lost == "expired":
        lose_lease(message)
    elif lost == "taken over":
        Message.objects.filter(pk=message.pk).update(fence=2, lease_owner="another")
    else:
        Message.objects.filter(pk=message.pk).update(state="cancelled", lease_owner=None, lease_until=None)
    assert attempt.begin(lease=lease, provider=PROVIDER) is None
    assert not SendAttempt.objects.exists()


def test_the_lease_is_extended_to_cover_the_call(account: Account, settings: Settings):
    settings.SENDER_LEASE_SECONDS = 60
    message = message_of(ask(account))
    [lease] = claim.due(owner="me")
    Message.objects.filter(pk=message.pk).update(lease_until=Now() + timedelta(seconds=2))
    attempt.begin(lease=lease, provider=PROVIDER)
    message.refresh_from_db()
    assert message.lease_until is not None
    assert message.lease_until - timezone.now() > timedelta(seconds=55)


def delete(model: type[Any]) -> Callable[[FeedbackRequest], object]:
    name = model.__name__.lower()
    return lambda asked: model.objects.filter(pk=getattr(asked, f"{name}_id")).update(deleted_at=Now())


def suppress(asked: FeedbackRequest) -> None:
    Suppression.objects.create(
        account=asked.account, channel="all", address="", customer=asked.customer, reason="stop", source="recipient"
    )


def answer(asked: FeedbackRequest) -> None:
    asked.response = responses.submit(
        account=asked.account,
        kind="nps",
        score=9,
        actor=PERSON,
        customer=asked.customer,
        location=asked.location,
        source_id=asked.public_id,
        question="?",
    )
    asked.save()


def expire(asked: FeedbackRequest) -> None:
    ago = Now() - timedelta(hours=1)
    Message.objects.filter(feedback_request=asked).update(due_at=ago, not_after=ago, reason="The account is inactive.")


GATES: list[tuple[Callable[[FeedbackRequest], object], str, str]] = [
    (delete(Account), "cancelled", "The account was deleted."),
    (lambda asked: Account.objects.update(active=False), "scheduled", "The account is inactive."),
    (expire, "expired", "Too late to send. The account is inactive."),
    (delete(Location), "cancelled", "The location was deleted."),
    (delete(Customer), "cancelled", "The customer was deleted."),
    (answer, "cancelled", "The customer has answered already."),
    (suppress, "suppressed", "Do not contact: Stop (Recipient)."),
]


@pytest.mark.parametrize(("happens", "state", "reason"), GATES)
def test_a_gate_stops_the_message_and_says_why(
    account: Account, happens: Callable[[FeedbackRequest], object], state: str, reason: str
):
    """All of it happens after the claim: only the attempt's own look can see it."""
    asked = ask(account)
    [lease] = claim.due(owner="me")
    happens(asked)
    assert attempt.begin(lease=lease, provider=PROVIDER) is None
    message = message_of(asked)
    assert (message.state, message.reason, message.lease_owner) == (state, reason, None)
    assert not SendAttempt.objects.exists()
    assert (message.next_try_at > timezone.now() + timedelta(minutes=1)) == (state == "scheduled")


def test_a_number_that_no_plan_knows_is_never_sent_to(account: Account):
    asked = ask(account, "sms", customer=somebody(account, mobile_number="+181355501"))
    assert begin() is None
    message = message_of(asked)
    assert (message.state, message.reason) == ("failed", "+181355501 is not a possible phone number.")


@pytest.mark.parametrize(
    ("patterns", "sent"),
    [
        ([], True),
        (["jane@example.com"], True),
        (["*@EXAMPLE.com"], True),
        (["*@example.org", "+1555*"], False),
    ],
)
def test_send_only_to_keeps_everybody_else_out(account: Account, settings: Settings, patterns: list[str], sent: bool):
    settings.SEND_ONLY_TO = patterns
    asked = ask(account, customer=somebody(account, email="Jane@example.com"))
    assert (begin() is not None) == sent
    assert message_of(asked).state == ("leased" if sent else "cancelled")


def test_the_gates_stand_in_this_order():
    """Issue by issue gates are added; whoever moves one has thought about what the reason then says."""
    assert [gate.name for gate in gates.GATES] == [
        "account_active",
        "in_time",
        "location_alive",
        "customer_alive",
        "not_answered",
        "campaign_goes_on",
        "goal_not_reached",
        "has_address",
        "number_possible",
        "number_not_premium",
        "country_allowed",
        "block_not_flooded",
        "number_not_stopped",
        "not_suppressed",
        "address_allowed",
        "window_open",
        "decent_hour",
        "not_too_often",
    ]


def test_a_stop_outranks_a_wait_and_the_longest_wait_the_others():
    """Whatever is said for ever is said at once; and nobody is woken who would have to wait again."""
    now = timezone.now()
    yes = gates.verdict("open", "?", None)
    short = gates.verdict("short", "?", gates.Wait(now + timedelta(hours=1), "soon"))
    long = gates.verdict("long", "?", gates.Wait(now + timedelta(hours=9), "later"))
    never = gates.verdict("never", "?", gates.Stop("cancelled", "no"))
    assert gates.Decision((yes,)).objection is None
    assert gates.Decision((yes, long, short)).objection == long
    assert gates.Decision((long, never)).objection == never


def test_facts_for_many_are_as_few_queries_as_for_one(account: Account, django_assert_num_queries: Any):
    messages = [message_of(ask(account)) for _ in range(3)]
    suppress(messages[1].feedback_request)
    for some in (messages[:1], messages):
        # As the sender reads them: the account's rules beside them.
        keys = [one.pk for one in some]
        rows = Message.objects.filter(pk__in=keys).select_related("account__sending_rules").order_by("pk")
        loaded = list(rows)
        with django_assert_num_queries(1):
            found = subjects.load(loaded, now=timezone.now())
    assert [subject.block is not None for subject in found] == [False, True, False]
