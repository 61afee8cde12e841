"""The two columns of a customer that follow from the do-not-contact rows."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from accounts.domain.actors import Actor
from accounts.models import Account
from crm.domain import customers, suppressions
from crm.models import Customer, Suppression
from tests.threads import at_once

CALLER = Actor("key", "k1", "A key")


@pytest.fixture
def jane(account: Account) -> Customer:
    return Customer.objects.create(account=account, email="Jane@example.com", mobile_number="+18135550123")


def shown(customer: Customer) -> tuple[bool, bool]:
    customer.refresh_from_db()
    return customer.opted_out, customer.undeliverable


def said(customer: Customer) -> tuple[bool, bool]:
    """The same from the rows."""
    addresses = [one.lower() for one in (customer.email, customer.mobile_number) if one]
    rows = Suppression.objects.standing().for_account(customer.account)
    wishes = rows.filter(Q(address__in=addresses) | Q(customer=customer), reason__in=Suppression.CONSENT_REASONS)
    failures = rows.filter(address__in=addresses, reason__in=Suppression.DELIVERY_REASONS)
    return wishes.exists(), failures.exists()


def test_nothing_is_known_of_somebody_new(jane: Customer) -> None:
    assert shown(jane) == (False, False)


def test_a_row_about_the_address_shows_at_once_and_ends_with_it(jane: Customer) -> None:
    stop = {"account": jane.account, "channel": "sms", "reason": "stop", "source": "recipient"}
    row = suppressions.suppress(**stop, address="+18135550123")
    assert shown(jane) == (True, False)
    Suppression.objects.filter(pk=row.pk).update(lifted_at=timezone.now())
    assert shown(jane) == (False, False)


def test_a_failure_belongs_to_the_address_alone(jane: Customer) -> None:
    bounce = {"account": jane.account, "channel": "email", "reason": "hard_bounce", "source": "provider"}
    suppressions.suppress(**bounce, address="JANE@example.com", customer=jane)
    assert shown(jane) == (False, True)
    customers.update(customer=jane, fields={"email": "right@example.com"}, actor=CALLER)
    assert shown(jane) == (False, False)


def test_whoever_gets_the_address_next_is_bound(jane: Customer, other_account: Account) -> None:
    stop = {"channel": "all", "reason": "unsubscribe", "source": "recipient", "address": "new@example.com"}
    suppressions.suppress(account=jane.account, **stop)
    customers.update(customer=jane, fields={"email": "NEW@example.com"}, actor=CALLER)
    assert shown(jane) == (True, False)
    elsewhere = Customer.objects.create(account=other_account, email="new@example.com")
    assert shown(elsewhere) == (False, False)


def test_what_is_written_to_the_columns_does_not_stay(jane: Customer) -> None:
    Customer.objects.update(opted_out=True, undeliverable=True)
    assert shown(jane) == (False, False)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE crm_customer SET opted_out = true")
    assert shown(jane) == (False, False)


def test_a_row_that_is_removed_by_hand_counts_no_more(jane: Customer) -> None:
    suppressions.opt_out(customer=jane, actor=CALLER)
    assert shown(jane) == (True, False)
    Suppression.objects.all().delete()
    assert shown(jane) == (False, False)


def test_the_flags_are_no_act_of_anybody(jane: Customer) -> None:
    before = jane.events.count()  # type: ignore[attr-defined]
    suppressions.opt_out(customer=jane, actor=CALLER)
    assert jane.events.count() == before  # type: ignore[attr-defined]


def acts(jane: Customer, chance: Random) -> Iterator[None]:
    """One after another: what a caller, the person, a provider and staff may do with two addresses."""
    account, emails = jane.account, ["jane@example.com", "other@example.com"]
    for _ in range(30):
        address = chance.choice([*emails, "+18135550123"])
        deed = chance.randrange(5)
        if deed == 0:
            reason = chance.choice(["stop", "unsubscribe", "hard_bounce", "sms_failed"])
            owner = chance.choice([jane, None])
            suppressions.suppress(
                account=account, channel="all", reason=reason, source="provider", address=address, customer=owner
            )
        elif deed == 1:
            customers.update(customer=jane, fields={"email": chance.choice(emails)}, actor=CALLER)
        elif deed == 2:
            suppressions.opt_out(customer=jane, actor=CALLER)
        else:
            rows = list(Suppression.objects.standing().order_by("pk"))
            if rows:
                Suppression.objects.filter(pk=chance.choice(rows).pk).update(lifted_at=timezone.now())
        yield


@pytest.mark.parametrize("seed", range(3))
def test_they_always_say_what_the_rows_say(jane: Customer, seed: int) -> None:
    for _ in acts(jane, Random(seed)):
        assert shown(jane) == said(jane)


@pytest.mark.django_db(transaction=True)
def test_two_rows_lifted_at_once_leave_no_flag_behind(account: Account) -> None:
    jane = Customer.objects.create(account=account, email="jane@example.com")
    staff = Actor("user", "u1", "Staff")
    for _ in range(10):
        rows = [
            suppressions.suppress(
                account=account, channel=channel, reason="opt_out", source="staff", address="", customer=jane
            )
            for channel in ("email", "sms")
        ]
        assert at_once(2, lambda n, rows=rows: suppressions.take_back(row=rows[n], actor=staff)) == [None, None]
        assert shown(jane) == (False, False)
