"""Who may read /metrics, and what it says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.db.models.functions import Now
from django.http import HttpResponse
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from accounts.domain import mails
from accounts.models import Account, AccountMail
from campaigns.domain.sender import claim, run
from campaigns.models import Message
from feedbackhub import queues
from tests.campaigns.asking import Scripted, ask, message_of

pytestmark = pytest.mark.django_db

TOKEN = "metrics-token-0123456789-abcdefgh"


def read(**headers: str) -> HttpResponse:
    return Client(REMOTE_ADDR=headers.pop("peer", "127.0.0.1")).get("/metrics", headers=headers)


def figures(name: str) -> dict[tuple[str, ...], float]:
    """A metric's values by its labels' values, in the order of the labels' names."""
    found = {family.name: family for family in text_string_to_metric_families(read().content.decode())}
    return {tuple(value for _, value in sorted(sample.labels.items())): sample.value for sample in found[name].samples}


def bearing(token: str, peer: str = "203.0.113.7") -> int:
    return read(peer=peer, Authorization=f"Bearer {token}").status_code


def test_whoever_calls_from_this_machine_may_read():
    answer = read()
    assert (answer.status_code, answer["Content-Type"].partition(";")[0]) == (200, "text/plain")
    assert read(peer="::1").status_code == 200


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
def test_a_proxy_on_this_machine_calls_for_somebody_else(header: str):
    answer = read(**{header: "127.0.0.1"})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="metrics"')


@pytest.mark.parametrize("peer", ["203.0.113.7", "10.0.0.9", ""])
def test_without_a_token_nobody_else_may(peer: str, settings):
    settings.METRICS_TOKEN = ""
    assert read(peer=peer).status_code == 401
    assert bearing("", peer) == 401


def test_the_token_opens_it_from_anywhere_and_no_other_does(settings):
    settings.METRICS_TOKEN = TOKEN
    assert bearing(TOKEN) == 200
    assert [bearing(wrong) for wrong in (f"{TOKEN}x", TOKEN[:-1], "", "é")] == [401] * 4


def test_every_queue_has_its_lag_and_its_due_rows(account: Account):
    late = message_of(ask(account))
    Message.objects.filter(pk=late.pk).update(next_try_at=Now() - timedelta(minutes=5))
    mails.want_password_reset(email="alice@example.com")
    AccountMail.objects.update(next_try_at=Now() - timedelta(minutes=10))
    lag = figures("feedbackhub_queue_lag_seconds")
    minutes = {queue: round(seconds / 60) for queue, seconds in lag.items()}
    others = ("jobs", "webhooks", "purges", "embeddings", "sorting")
    idle = {(name,): 0 for name in ("lookbacks", *others)}
    assert minutes == {("messages",): 5, ("account_mails",): 10, **idle}
    due = {"messages": 1, "account_mails": 1, "lookbacks": 1, **dict.fromkeys(others, 0)}
    assert figures("feedbackhub_queue_due") == {(name,): number for name, number in due.items()}


def test_messages_that_are_not_over_are_counted_by_state(account: Account):
    states = ["scheduled", "recon", "unknown_final", "unknown_final", "accepted"]
    for state, message in zip(states, [message_of(ask(account)) for _ in states], strict=True):
        Message.objects.filter(pk=message.pk).update(state=state)
    found = figures("feedbackhub_messages")
    assert {labels: number for labels, number in found.items() if number} == {
        ("email", "scheduled"): 1,
        ("email", "recon"): 1,
        ("email", "unknown_final"): 2,
    }
    # Noughts are said, too: an alert on a figure that is missing never fires.
    assert found["sms", "leased"] == 0


@pytest.mark.django_db(transaction=True)
def test_the_latest_attempts_are_counted_by_provider_and_outcome(account: Account):
    ask(account)
    for lease in claim.due(owner="test"):
        run.send(lease=lease, provider=Scripted())
    assert figures("feedbackhub_send_attempts") == {("accepted", "scripted"): 1}


def test_a_database_that_fails_is_a_503_and_not_half_an_answer(monkeypatch: pytest.MonkeyPatch):
    def broken() -> None:
        raise OperationalError("secret words of the server")

    monkeypatch.setattr(queues, "lags", broken)
    answer = read()
    assert (answer.status_code, answer.content) == (503, b"OperationalError\n")
