"""The watchdog's figures."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Account
from campaigns.domain.queries import lag as lag_module
from campaigns.domain.queries.lag import sender_lag
from campaigns.models import Message, SendAttempt
from tests.campaigns.asking import ask, message_of

pytestmark = pytest.mark.django_db


def test_nothing_due_is_no_lag(account: Account):
    ask(account, due=timezone.now() + timedelta(minutes=5))
    lag = sender_lag()
    assert (lag.due, lag.oldest_seconds, lag.idle_seconds, lag.unknown, lag.stuck) == (0, 0, None, 0, False)


def test_due_rows_without_attempts_for_a_minute_are_a_stuck_sender(account: Account):
    message = message_of(ask(account))
    assert (sender_lag().due, sender_lag().stuck) == (1, False)
    Message.objects.update(next_try_at=Now() - timedelta(seconds=61))
    assert sender_lag().stuck
    SendAttempt.objects.create(message=message, seq=1, provider="x", idem_key="k", fence=1, owner="o")
    assert not sender_lag().stuck
    SendAttempt.objects.update(started_at=Now() - timedelta(seconds=61))
    assert sender_lag().stuck
    Account.objects.update(active=False)
    assert not sender_lag().stuck


def test_unknown_fates_are_counted(account: Account):
    ask(account)
    Message.objects.update(state="recon")
    assert (sender_lag().due, sender_lag().unknown) == (0, 1)


def test_the_oldest_is_found_however_many_accounts_and_channels_wait(account: Account, other_account: Account):
    for minutes, each, channel in ((3, account, "email"), (7, account, "sms"), (5, other_account, "email")):
        late = message_of(ask(each, channel))
        Message.objects.filter(pk=late.pk).update(next_try_at=Now() - timedelta(minutes=minutes))
    ask(other_account, "sms", due=timezone.now() + timedelta(minutes=5))
    lag = sender_lag()
    assert (lag.due, round(lag.oldest_seconds / 60), lag.late) == (3, 7, True)


def test_the_oldest_counts_when_more_are_due_than_are_counted(account: Account, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lag_module, "COUNTED", 1)
    for minutes in (1, 2, 9):
        late = message_of(ask(account))
        Message.objects.filter(pk=late.pk).update(next_try_at=Now() - timedelta(minutes=minutes))
    lag = sender_lag()
    assert (lag.due, round(lag.oldest_seconds / 60)) == (1, 9)
