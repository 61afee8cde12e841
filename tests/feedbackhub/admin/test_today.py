"""The front page's figures."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.domain import actors
from accounts.models import User
from campaigns.models import Message
from feedback.domain import responses
from feedback.models import WebhookDelivery
from tests.campaigns.asking import ask, message_of
from tests.feedback.domain.webhooks.making import endpoint_of, record_of


def text_of(client) -> str:
    return " ".join(client.get("/console/").content.decode().split())


def tile(number: object, words: str) -> str:
    return f'<span class="hub-tile-number">{number}</span> {words}'


def test_a_new_hub_says_what_to_do_next(alice):
    text = text_of(alice.signed_in())
    assert "No feedback request has been answered yet." in text
    assert tile("–", "NPS: no answer in 90 days") in text  # noqa: RUF001


def test_nps_comes_with_its_n_and_interval(account, alice):
    for score in (10, 9, 9, 3, 8):
        responses.submit(account=account, kind="nps", score=score, actor=actors.PERSON)
    old = timezone.now() - timedelta(days=100)
    responses.submit(account=account, kind="nps", score=0, actor=actors.PERSON, at=old)
    text = text_of(alice.signed_in())
    assert tile(40, "NPS of 5 answers in 90 days") in text
    assert "95 %: -30 to 80" in text


def test_no_score_mixes_accounts(account, alice, db):
    responses.submit(account=account, kind="nps", score=10, actor=actors.PERSON)
    root = Client()
    root.force_login(User.objects.create_superuser("root@example.com"))
    assert "NPS of" not in text_of(root)


def test_waiting_and_unknown_messages_are_counted_and_lateness_is_said(account, alice):
    late, unknown = message_of(ask(account)), message_of(ask(account))
    hour_ago = timezone.now() - timedelta(hours=1)
    Message.objects.filter(pk=late.pk).update(next_try_at=hour_ago)
    Message.objects.filter(pk=unknown.pk).update(state="unknown_final")
    text = text_of(alice.signed_in())
    assert tile(1, "messages due, the first for 1 h") in text
    assert tile(1, "messages with unknown fate") in text


def test_webhooks_that_wait_are_told_while_there_are_any(account, alice, charlie):
    assert "webhook deliver" not in text_of(alice.signed_in())
    endpoint_of(account)
    for _ in range(2):
        record_of(account)
    WebhookDelivery.objects.update(due_at=timezone.now())
    assert tile(2, "webhook deliveries due</a>") in text_of(alice.signed_in())
    first = WebhookDelivery.objects.earliest("pk")
    WebhookDelivery.objects.filter(pk=first.pk).update(due_at=timezone.now() - timedelta(hours=1))
    assert tile(2, "webhook deliveries due, the first for 1 h") in text_of(alice.signed_in())
    assert "webhook deliver" not in text_of(charlie.signed_in())


@pytest.mark.usefixtures("alice")
def test_charlie_sees_none_of_alices_answers(account, charlie):
    responses.submit(account=account, kind="nps", score=3, comment="Stale bread", actor=actors.PERSON)
    text = text_of(charlie.signed_in())
    assert "Stale bread" not in text
    assert tile(0, "new items") in text
