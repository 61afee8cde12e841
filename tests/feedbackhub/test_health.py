"""What probes are told, whatever host name they call by."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.db.models.functions import Now
from django.test import Client

from accounts.models import Account
from campaigns.models import Message
from feedbackhub import health, queues
from tests.campaigns.asking import ask, message_of

QUEUES = ("lookbacks", "messages", "account_mails", "jobs", "webhooks", "purges", "embeddings", "sorting")
LAG = dict.fromkeys(QUEUES, 0.0)
EVERYTHING_WORKS = {"status": "ok", "problems": {}, "lag_seconds": LAG}


def broken(*_args: object, **_options: object) -> None:
    raise OperationalError("secret words of the server")


@pytest.mark.django_db
def test_ready_when_everything_answers():
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, EVERYTHING_WORKS)


@pytest.mark.django_db
@pytest.mark.parametrize("probe", ["_cache", "_broker"])
def test_what_does_not_answer_is_named_without_its_words(probe: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(health, probe, broken)
    answer = Client().get("/readyz")
    problems = {probe.removeprefix("_"): "OperationalError"}
    assert (answer.status_code, answer.json()) == (
        503,
        EVERYTHING_WORKS | {"status": "unavailable", "problems": problems},
    )


@pytest.mark.parametrize(("owner", "name", "problem"), [(connection, "cursor", "database"), (cache, "get", "cache")])
@pytest.mark.django_db
def test_each_probe_asks_its_service(owner: object, name: str, problem: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(owner, name, broken)
    assert problem in Client().get("/readyz").json()["problems"]


def test_the_broker_is_asked(settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(health.app, "connection_for_write", broken)
    with pytest.raises(OperationalError):
        health._broker()


@pytest.mark.django_db
def test_a_lag_is_told_and_leaves_the_web_ready(account: Account):
    late = message_of(ask(account))
    Message.objects.filter(pk=late.pk).update(next_try_at=Now() - timedelta(hours=1))
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert 3600 <= answer.json()["lag_seconds"]["messages"] < 3660


@pytest.mark.django_db
def test_a_lag_that_cannot_be_read_leaves_the_web_ready(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(queues, "lags", broken)
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["lag_seconds"]) == (200, {})


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_probes_may_call_by_address(path: str, settings):
    settings.ALLOWED_HOSTS = ["hub.example.com"]
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get(path, headers={"Host": "10.1.2.3:8000"}).status_code == 200
    assert Client().head(path, headers={"Host": "10.1.2.3:8000"}).status_code == 200


def test_a_probe_is_only_read():
    assert Client().post("/livez").status_code == 404
