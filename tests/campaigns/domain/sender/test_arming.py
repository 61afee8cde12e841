"""A restored or copied database does not send until somebody has looked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Account
from campaigns.domain.sender import arming, run
from campaigns.models import Message, OutboxEntry, SenderArming
from tests.campaigns.asking import Scripted, ask, message_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_new_hub_arms_itself_once(account: Account):
    ask(account)
    assert run.run() == 1
    row = SenderArming.objects.get()
    assert (row.system_identifier.isdigit(), row.timeline, row.sender_id) == (True, 1, "")
    assert arming.is_armed()


@pytest.mark.parametrize(
    "changes", [{"system_identifier": "7000000000000000000"}, {"timeline": 2}, {"sender_id": "production"}]
)
def test_in_another_place_nothing_is_sent(account: Account, changes: dict[str, Any]):
    arming.arm()
    SenderArming.objects.update(**changes)
    asked = ask(account)
    assert run.run() == 0
    run.tidy()
    assert (message_of(asked).state, OutboxEntry.objects.count()) == ("scheduled", 0)
    arming.arm()
    assert run.run() == 1


def test_the_name_of_the_installation_counts(settings: Settings, account: Account):
    settings.SENDER_ID = "production"
    assert arming.is_armed()
    settings.SENDER_ID = "staging"
    assert not arming.is_armed()


def test_after_a_restore_what_was_due_is_not_sent_by_guess(account: Account, capsys: pytest.CaptureFixture[str]):
    due = ask(account)
    later = ask(account, due=timezone.now() + timedelta(hours=1))
    SenderArming.objects.create(system_identifier="1", timeline=1)
    since = datetime(2026, 1, 1, 12, tzinfo=UTC)
    found = arming.reconcile(since=since, providers={"email": Scripted(), "sms": Scripted()})
    assert found == {"sent again under its key": 0, "fate unknown": 1}
    message = message_of(due)
    assert (message.state, "2026-01-01T12:00:00+00:00" in message.reason) == ("unknown_final", True)
    assert message_of(later).state == "scheduled"
    assert arming.is_armed()
    assert run.run() == 0


def test_what_the_provider_would_recognise_is_sent_again(account: Account):
    asked = ask(account)
    remembering = Scripted(remembers=timedelta(hours=24))
    for hours, count in ((1, 1), (13, 0)):
        since = timezone.now() - timedelta(hours=hours)
        found = arming.reconcile(since=since, providers={"email": remembering, "sms": Scripted()})
        assert found["sent again under its key"] == count
    assert message_of(asked).state == "unknown_final"


def test_the_command_tells_and_arms(account: Account, capsys: pytest.CaptureFixture[str]):
    ask(account)
    SenderArming.objects.create(system_identifier="1", timeline=1)
    call_command("sender", "status")
    assert capsys.readouterr().out == "armed: no\ndue: 1, oldest for 0 s; fate unknown: 0\n"
    call_command("sender", "reconcile", since="2026-01-01T12:00:00Z")
    assert capsys.readouterr().out.startswith("sent again under its key: 0\nfate unknown: 1\narmed: yes\ndue: 0")
    assert Message.objects.get().state == "unknown_final"
    SenderArming.objects.update(timeline=5)
    call_command("sender", "arm")
    assert capsys.readouterr().out.startswith("armed: yes")
    for junk in (None, "yesterday", "2026-01-01T12:00:00", "2026-13-01T12:00:00Z"):
        with pytest.raises(CommandError, match="--since"):
            call_command("sender", "reconcile", since=junk)
