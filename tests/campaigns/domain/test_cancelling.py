"""What happens elsewhere takes messages out of the queue."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts.domain import accounts
from accounts.domain.actors import SYSTEM
from accounts.models import Account
from campaigns.domain.sender import claim
from campaigns.models import FeedbackRequest, Message
from crm.domain import customers, locations, suppressions
from tests.campaigns.asking import ask, message_of, somebody

pytestmark = pytest.mark.django_db

CASES: list[tuple[Callable[[FeedbackRequest], object], str, str]] = [
    (lambda asked: accounts.delete(account=asked.account, actor=SYSTEM), "cancelled", "The account was deleted."),
    (lambda asked: locations.delete(location=asked.location, actor=SYSTEM), "cancelled", "The location was deleted."),
    (lambda asked: customers.delete(customer=asked.customer, actor=SYSTEM), "cancelled", "The customer was deleted."),
    (lambda asked: suppressions.opt_out(customer=asked.customer, actor=SYSTEM), "suppressed", "Do not contact"),
]


@pytest.mark.parametrize(("happens", "state", "reason"), CASES)
def test_a_waiting_message_is_taken_out(
    account: Account, happens: Callable[[FeedbackRequest], object], state: str, reason: str
):
    asked = ask(account, due=timezone.now() + timezone.timedelta(hours=1))
    happens(asked)
    message = message_of(asked)
    assert (message.state, message.reason[: len(reason)]) == (state, reason)


def test_nothing_else_is_taken_out(account: Account, other_account: Account):
    other_channel, other_person, other_tenant = ask(account, "sms"), ask(account), ask(other_account)
    sent = ask(account, customer=other_channel.customer)
    Message.objects.filter(feedback_request=sent).update(state="accepted")
    suppressions.suppress(
        account=account,
        channel="email",
        reason="hard_bounce",
        source="provider",
        address=other_channel.customer.email or "",
    )
    accounts.delete(account=somebody(Account.objects.create(name="Third")).account, actor=SYSTEM)
    assert [message_of(asked).state for asked in (other_channel, other_person, other_tenant, sent)] == [
        "scheduled",
        "scheduled",
        "scheduled",
        "accepted",
    ]


def test_an_opt_out_of_one_channel_takes_out_that_channel(account: Account):
    mail = ask(account)
    sms = ask(account, "sms", customer=mail.customer)
    suppressions.suppress(
        account=account,
        channel="sms",
        reason="stop",
        source="recipient",
        address=mail.customer.mobile_number or "",
        customer=mail.customer,
    )
    assert (message_of(mail).state, message_of(sms).state) == ("scheduled", "suppressed")


def test_a_dead_address_takes_out_messages_to_it_and_not_to_the_persons_new_one(account: Account):
    old = ask(account)
    dead = old.customer.email or ""
    customers.update(customer=old.customer, fields={"email": "new@example.com"}, actor=SYSTEM)
    old.customer.refresh_from_db()
    new = ask(account, customer=old.customer)
    suppressions.suppress(
        account=account, channel="email", reason="hard_bounce", source="provider", address=dead, customer=old.customer
    )
    assert (message_of(old).state, message_of(new).state) == ("suppressed", "scheduled")


def test_what_a_sender_holds_is_left_to_its_gates(account: Account):
    asked = ask(account)
    claim.due(owner="me")
    customers.delete(customer=asked.customer, actor=SYSTEM)
    assert message_of(asked).state == "leased"
