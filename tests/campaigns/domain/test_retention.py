"""Raw data of providers and of the outbox is kept for a while only; what makes a repetition harmless stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Account
from campaigns.domain import retention, sms_replies
from campaigns.domain.sms_replies import Incoming
from campaigns.models import OutboxEntry, ProviderEvent, SmsReply
from campaigns.tasks import forget_raw
from crm.models import Suppression
from tests.campaigns.asking import ask, message_of

pytestmark = pytest.mark.django_db


def event(name: str, *, days: int) -> ProviderEvent:
    row = ProviderEvent.objects.create(
        provider="twilio", event_id=name, kind="failed", detail="no such number", raw={"To": "+12015550123"}
    )
    ProviderEvent.objects.filter(pk=row.pk).update(received_at=timezone.now() - timedelta(days=days))
    return row


def entry(account: Account, *, days: int) -> OutboxEntry:
    row = OutboxEntry.objects.create(
        account=account, idem_key=f"k{days}", channel="email", address="jane@example.com", text_body="Hello"
    )
    OutboxEntry.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(days=days))
    return row


def test_old_events_are_blanked_and_old_mails_deleted(account: Account, settings: Settings):
    settings.PROVIDER_EVENT_DAYS, settings.OUTBOX_DAYS = 90, 40
    old, young = event("old", days=91), event("young", days=89)
    kept = entry(account, days=39)
    entry(account, days=41)

    assert retention.forget() == {"events": 1, "outbox": 1}
    rows = ProviderEvent.objects.order_by("event_id").values_list("pk", "event_id", "kind", "raw", "detail")
    assert list(rows) == [
        (old.pk, "old", "failed", {}, ""),
        (young.pk, "young", "failed", {"To": "+12015550123"}, "no such number"),
    ]
    assert list(OutboxEntry.objects.values_list("pk", flat=True)) == [kept.pk]
    forget_raw()
    assert retention.forget() == {"events": 0, "outbox": 0}


def test_many_are_done_in_steps(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(retention, "STEP", 2)
    monkeypatch.setattr(retention, "STEPS", 2)
    for number in range(5):
        event(f"e{number}", days=100)
    assert [retention.forget()["events"] for _ in range(3)] == [4, 1, 0]


def test_a_step_walks_an_index():
    """However many rows were blanked before."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for statement, index in ((retention._BLANK, "provider_event_raw"), (retention._DELETE, "outbox_created")):
            cursor.execute(f"EXPLAIN {statement}", [90, 10])
            assert index in "\n".join(line for (line,) in cursor.fetchall())


def test_a_stop_that_is_repeated_after_its_event_was_blanked_changes_nothing(account: Account):
    asked = ask(account, "sms")
    stop = Incoming("twilio", "e1", "+15005550006", message_of(asked).address, "STOP", raw={"Body": "STOP"})
    assert sms_replies.receive(stop) != ""
    ProviderEvent.objects.update(received_at=timezone.now() - timedelta(days=400))
    assert retention.forget()["events"] == 1

    assert sms_replies.receive(stop) == ""
    assert (SmsReply.objects.count(), Suppression.objects.count()) == (1, 1)
    # The evidence is not raw data.
    assert Suppression.objects.get().evidence["text"] == "STOP"
