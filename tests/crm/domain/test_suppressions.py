"""Do-not-contact rows."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models.signals import post_init

from accounts.domain.actors import Actor
from accounts.models import Account
from crm.domain import suppressions
from crm.models import Customer, Suppression
from feedbackhub.errors import Refused
from tests.conftest import Person

CALLER = Actor("key", "k1", "A key")


@pytest.fixture
def jane(account: Account) -> Customer:
    return Customer.objects.create(account=account, email="Jane@example.com", mobile_number="+18135550123")


def unsubscribe(jane: Customer, address: str = "jane@example.com") -> Suppression:
    return suppressions.suppress(
        account=jane.account,
        channel="all",
        reason="unsubscribe",
        source="recipient",
        address=address,
        customer=jane,
    )


def blocked(customer: Customer, channel: str, address: str) -> bool:
    row = suppressions.blocking(account=customer.account, channel=channel, address=address, customer=customer)
    return row is not None


def is_invalid(customer: Customer) -> bool:
    return Customer.objects.filter(undeliverable=True, pk=customer.pk).exists()


def test_an_unsubscribed_person_gets_nothing_on_any_channel(jane: Customer) -> None:
    unsubscribe(jane)
    assert blocked(jane, "email", "jane@example.com")
    assert blocked(jane, "sms", "+18135550123")
    assert suppressions.is_opted_out(jane)
    assert not is_invalid(jane)


def test_suppressing_twice_leaves_one_row(jane: Customer) -> None:
    assert unsubscribe(jane) == unsubscribe(jane)
    assert Suppression.objects.count() == 1


def test_an_address_stays_suppressed_for_whoever_has_it_next(jane: Customer) -> None:
    unsubscribe(jane)
    jane.email = "jane2@example.com"
    jane.save()
    joan = Customer.objects.create(account=jane.account, email="jane@example.com")
    assert suppressions.is_opted_out(joan)
    assert suppressions.is_opted_out(jane)


def test_an_unsubscribe_on_an_inherited_address_follows_the_new_owner_as_well(jane: Customer) -> None:
    unsubscribe(jane)
    jane.email = "jane2@example.com"
    jane.save()
    joan = Customer.objects.create(account=jane.account, email="jane@example.com")
    unsubscribe(joan)
    joan.email = "joan@example.com"
    joan.save()
    assert suppressions.is_opted_out(joan)


def test_a_bounce_marks_the_address_and_another_address_is_valid(jane: Customer) -> None:
    suppressions.suppress(
        account=jane.account,
        channel="email",
        reason="hard_bounce",
        source="provider",
        address="JANE@example.com",
        customer=jane,
    )
    assert is_invalid(jane)
    assert blocked(jane, "email", "jane@example.com")
    assert not blocked(jane, "sms", "+18135550123")
    jane.email = "right@example.com"
    jane.save()
    assert not is_invalid(jane)
    assert not blocked(jane, "email", "right@example.com")


def test_a_caller_takes_back_what_a_caller_set(jane: Customer) -> None:
    suppressions.opt_out(customer=jane, actor=CALLER)
    assert suppressions.is_opted_out(jane)
    suppressions.opt_in(customer=jane, actor=CALLER)
    assert not suppressions.is_opted_out(jane)
    assert Suppression.objects.get().lifted_at is not None


@pytest.mark.parametrize("reason", ["stop", "unsubscribe", "complaint"])
def test_a_caller_cannot_take_back_what_the_person_did(jane: Customer, reason: str) -> None:
    suppressions.opt_out(customer=jane, actor=CALLER)
    suppressions.suppress(
        account=jane.account, channel="all", reason=reason, source="recipient", address="jane@example.com"
    )
    with pytest.raises(Refused):
        suppressions.opt_in(customer=jane, actor=CALLER)
    assert Suppression.objects.standing().count() == 2


def test_a_caller_cannot_take_back_what_staff_set(jane: Customer, alice: Person) -> None:
    suppressions.opt_out(customer=jane, actor=alice.actor)
    with pytest.raises(Refused):
        suppressions.opt_in(customer=jane, actor=CALLER)
    suppressions.opt_in(customer=jane, actor=alice.actor)
    assert not suppressions.is_opted_out(jane)


def test_another_account_is_not_bound(jane: Customer, other_account: Account) -> None:
    unsubscribe(jane)
    row = suppressions.blocking(account=other_account, channel="email", address="jane@example.com")
    assert row is None


def test_one_row_is_taken_back_and_the_others_hold(jane: Customer, alice: Person) -> None:
    about: dict[str, Any] = {"account": jane.account, "channel": "email", "address": "jane@example.com"}
    failed = suppressions.suppress(**about, reason="hard_bounce", source="provider")
    said = suppressions.suppress(**about, reason="opt_out", source="staff")
    suppressions.take_back(row=failed, actor=alice.actor)
    assert Suppression.objects.standing().get() == said


@pytest.mark.parametrize(("reason", "source"), [("stop", "recipient"), ("complaint", "provider"), ("opt_out", "staff")])
def test_a_program_takes_back_no_word_of_a_person(jane: Customer, reason: str, source: str) -> None:
    row = suppressions.suppress(account=jane.account, channel="all", reason=reason, source=source, customer=jane)
    with pytest.raises(Refused):
        suppressions.take_back(row=row, actor=CALLER)
    assert Suppression.objects.standing().get() == row


@pytest.mark.parametrize(("reason", "source"), [("unsubscribe", "recipient"), ("complaint", "provider")])
def test_staff_take_back_what_staff_said_only(jane: Customer, alice: Person, reason: str, source: str) -> None:
    row = suppressions.suppress(account=jane.account, channel="all", reason=reason, source=source, customer=jane)
    with pytest.raises(Refused):
        suppressions.take_back(row=row, actor=alice.actor)
    assert Suppression.objects.standing().get() == row


def test_asking_about_a_person_without_an_address_reads_no_others_rows(account: Account, jane: Customer) -> None:
    others = [Customer.objects.create(account=account, email=f"{number}@example.com") for number in range(3)]
    for each in (jane, *others):
        suppressions.opt_out(customer=each, actor=CALLER)
    read: list[int] = []

    def seen(instance: Suppression, **_: Any) -> None:
        read.append(instance.pk)

    post_init.connect(seen, sender=Suppression)
    try:
        row = suppressions.blocking(account=account, channel="sms", address="", customer=jane)
    finally:
        post_init.disconnect(seen, sender=Suppression)
    assert row == Suppression.objects.get(customer=jane)
    assert read == [row.pk]
