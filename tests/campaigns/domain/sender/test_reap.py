"""The reaper: unclaims what was never called, calls the rest unknown, and never more than that."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Account
from campaigns.domain.sender import attempt, claim, finish, reap
from campaigns.models import Message, SendAttempt
from campaigns.providers import base
from crm.domain import suppressions
from tests.campaigns.asking import Scripted, ask, lose_lease, make_due, message_of

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
NOTHING = {"unclaimed": 0, "unknown": 0, "unknown_final": 0, "expired": 0}


def called(account: Account, *, remembers: timedelta | None = None) -> tuple[Message, attempt.Grant]:
    message = message_of(ask(account))
    [lease] = claim.due(owner="gone")
    grant = attempt.begin(lease=lease, provider=Scripted(remembers=remembers))
    assert grant is not None
    return message, grant


def repeat(message: Message) -> attempt.Grant | None:
    make_due(message)
    leases = claim.repeatable(owner="next", providers=["scripted"])
    return attempt.begin(lease=leases[0], provider=Scripted()) if leases else None


def test_leases_that_hold_are_left_alone(account: Account):
    ask(account, due=timezone.now() + HOUR)
    called(account)
    assert reap.reap() == NOTHING


def test_a_lease_lost_before_the_attempt_is_undone(account: Account):
    message = message_of(ask(account))
    claim.due(owner="gone")
    lose_lease(message)
    assert reap.reap() == NOTHING | {"unclaimed": 1}
    [lease] = claim.due(owner="next")
    assert lease.fence == 2


def test_a_lease_lost_after_the_attempt_makes_it_unknown(account: Account):
    message, _ = called(account)
    lose_lease(message)
    assert reap.reap() == NOTHING | {"unknown": 1}
    assert reap.reap() == NOTHING
    message.refresh_from_db()
    assert (message.state, message.lease_owner, SendAttempt.objects.get().outcome) == ("recon", None, "unknown")
    assert claim.due(owner="next") == []


def test_earlier_attempts_keep_what_is_known_of_them(account: Account):
    message, grant = called(account)
    finish.record(grant=grant, outcome=base.refused_for_now("busy"))
    make_due(message)
    [lease] = claim.due(owner="gone")
    attempt.begin(lease=lease, provider=Scripted())
    lose_lease(message)
    assert reap.reap() == NOTHING | {"unknown": 1}
    assert list(SendAttempt.objects.order_by("seq").values_list("outcome", flat=True)) == ["rejected", "unknown"]


def test_without_a_key_an_unknown_fate_is_never_called_again_and_given_up_after_a_day(account: Account):
    message, _ = called(account)
    lose_lease(message)
    reap.reap()
    assert repeat(message) is None
    SendAttempt.objects.update(started_at=Now() - 25 * HOUR)
    assert reap.reap() == NOTHING | {"unknown_final": 1}
    message.refresh_from_db()
    assert message.state == "unknown_final"
    assert repeat(message) is None


def test_with_a_key_it_is_called_again_under_the_same_key(account: Account):
    message, first = called(account, remembers=24 * HOUR)
    lose_lease(message)
    reap.reap()
    again = repeat(message)
    assert again is not None
    assert again.envelope.idem_key == first.envelope.idem_key
    assert again.envelope.text == first.envelope.text
    finish.record(grant=again, outcome=base.accepted("ref"))
    message.refresh_from_db()
    assert (message.state, SendAttempt.objects.count()) == ("accepted", 1)


def test_a_caller_lost_while_calling_again_leaves_it_unknown(account: Account):
    message, _ = called(account, remembers=24 * HOUR)
    lose_lease(message)
    reap.reap()
    make_due(message)
    claim.repeatable(owner="next", providers=["scripted"])
    lose_lease(message)
    assert reap.reap() == NOTHING | {"unknown": 1}
    assert repeat(message) is not None
    lose_lease(message)
    assert reap.reap() == NOTHING | {"unknown": 1}
    assert SendAttempt.objects.get().calls_granted == 2


def test_it_is_not_called_again_past_half_the_keys_life_or_its_last_moment_or_elsewhere(account: Account):
    message, _ = called(account, remembers=24 * HOUR)
    lose_lease(message)
    reap.reap()
    make_due(message)
    assert claim.repeatable(owner="next", providers=["another"]) == []
    SendAttempt.objects.update(started_at=Now() - 13 * HOUR, key_expires_at=Now() + 11 * HOUR)
    assert repeat(message) is None
    SendAttempt.objects.update(started_at=Now(), key_expires_at=Now() + 24 * HOUR)
    Message.objects.update(due_at=Now() - HOUR, not_after=Now() - HOUR)
    assert repeat(message) is None


def test_somebody_who_opted_out_meanwhile_is_not_called_again(account: Account):
    message, _ = called(account, remembers=24 * HOUR)
    lose_lease(message)
    reap.reap()
    suppressions.suppress(account=account, channel="all", reason="stop", source="recipient", address=message.address)
    assert repeat(message) is None
    message.refresh_from_db()
    assert message.state == "unknown_final"
    assert message.reason.startswith("Its fate is unknown, and it was not tried again. Do not contact")


def test_what_is_too_late_expires_also_for_an_inactive_account(account: Account):
    message = message_of(ask(account))
    Account.objects.update(active=False)
    Message.objects.update(due_at=Now() - 2 * HOUR, not_after=Now() - HOUR, reason="The account is inactive.")
    assert reap.reap() == NOTHING | {"expired": 1}
    message.refresh_from_db()
    assert (message.state, message.reason) == ("expired", "Too late to send. The account is inactive.")
