"""Leases: small batches, fair across accounts, nothing that is not due."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Account
from campaigns.domain.sender import claim
from campaigns.models import Message
from tests.campaigns.asking import ask, message_of

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def test_what_is_due_is_leased_once(account: Account, settings: Settings):
    settings.SENDER_LEASE_SECONDS = 60
    message = message_of(ask(account))
    [lease] = claim.due(owner="one")
    assert (lease.message_id, lease.fence, lease.owner, lease.channel) == (message.pk, 1, "one", "email")
    assert claim.due(owner="two") == []
    message.refresh_from_db()
    assert (message.state, message.lease_owner, message.fence) == ("leased", "one", 1)
    assert message.lease_until is not None
    assert timedelta(seconds=55) < message.lease_until - timezone.now() < timedelta(seconds=65)


def test_neither_later_nor_expired_nor_finished_messages_are_leased(account: Account):
    ask(account, due=timezone.now() + timedelta(seconds=30))
    expired, waiting, sent = message_of(ask(account)), message_of(ask(account)), message_of(ask(account))
    rows = Message.objects.all()
    rows.filter(pk=expired.pk).update(due_at=Now() - 2 * HOUR, next_try_at=Now() - 2 * HOUR, not_after=Now() - HOUR)
    rows.filter(pk=waiting.pk).update(next_try_at=Now() + HOUR)
    rows.filter(pk=sent.pk).update(state="accepted")
    assert claim.due(owner="one") == []


@pytest.mark.parametrize("fields", [{"active": False}, {"deleted_at": timezone.now()}])
def test_messages_of_an_inactive_account_wait(account: Account, fields: dict[str, object]):
    ask(account)
    Account.objects.filter(pk=account.pk).update(**fields)
    assert claim.due(owner="one") == []


def test_a_batch_is_shared_evenly_among_accounts(account: Account, settings: Settings):
    settings.SENDER_BATCH = 20
    small = [Account.objects.create(name=f"Small {number}") for number in range(3)]
    for _ in range(40):
        ask(account)
    for one in small:
        for _ in range(6):
            ask(one)
    leases = claim.due(owner="one")
    shares = Counter(lease.account_id for lease in leases)
    assert shares == {account.pk: 5, **{one.pk: 5 for one in small}}


def test_with_more_accounts_than_places_each_has_a_chance(settings: Settings, db: None):
    settings.SENDER_BATCH = 2
    for number in range(5):
        ask(Account.objects.create(name=f"Account {number}"))
    batches = [claim.due(owner="one") for _ in range(4)]
    assert [len(batch) for batch in batches] == [2, 2, 1, 0]


def test_no_account_is_always_first(settings: Settings, db: None):
    settings.SENDER_BATCH = 2
    for number in range(12):
        account = Account.objects.create(name=f"Account {number}")
        for _ in range(6):
            ask(account)
    served = {lease.account_id for _ in range(6) for lease in claim.due(owner="one")}
    # The same two of twelve in six draws: once in a thousand million runs.
    assert len(served) > 2


def test_a_lone_account_gets_the_whole_batch_oldest_first(account: Account, settings: Settings):
    settings.SENDER_BATCH = 3
    late = [message_of(ask(account, due=timezone.now() - number * HOUR)).pk for number in range(5)]
    assert {lease.message_id for lease in claim.due(owner="one")} == set(late[2:])


def test_what_was_not_attempted_is_given_back_and_what_others_hold_is_not(account: Account):
    mine = message_of(ask(account))
    [lease] = claim.due(owner="one")
    theirs = message_of(ask(account))
    claim.due(owner="two")
    claim.release(owner="one", pause_seconds=60)
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.state, mine.lease_owner, mine.lease_until, mine.fence) == ("scheduled", None, None, lease.fence)
    assert timedelta(seconds=55) < mine.next_try_at - timezone.now() < timedelta(seconds=65)
    assert (theirs.state, theirs.lease_owner) == ("leased", "two")
