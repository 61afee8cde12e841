"""A relay of one's own: the same message under the same key, whatever happened before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import Settings

from campaigns.providers import base, registry
from campaigns.providers.base import Verdict
from campaigns.providers.relay import RelayProvider
from tests.campaigns.providers.envelopes import MESSAGE, mail, sms
from tests.campaigns.providers.http_fake import Answer, serving


def provider(port: int) -> RelayProvider:
    return RelayProvider(url=f"http://127.0.0.1:{port}/send", token="secret", remembers=timedelta(hours=1))


def test_a_message_is_posted_with_its_key():
    with serving(Answer(200, {"id": "r-1"})) as fake:
        made = provider(fake.port)
        assert made.send(sms()) == base.accepted("r-1", status=200)
        assert made.send(mail(idem_key="other")).verdict == Verdict.ACCEPTED
        made.close()
    first, second = fake.seen
    assert (first.path, first.headers["authorization"]) == ("/send", "Bearer secret")
    assert (first.headers["idempotency-key"], second.headers["idempotency-key"]) == (f"{MESSAGE}:1", "other")
    assert (first.json["channel"], first.json["to"], first.json["text"]) == ("sms", "+12015550123", sms().text)
    assert (second.json["subject"], second.json["html"]) == ("How was it?", "<p>Tell us</p>")


def test_a_repeated_call_is_the_same_to_the_byte():
    with serving() as fake:
        made = provider(fake.port)
        made.send(mail())
        made.send(mail())
        made.close()
    assert fake.seen[0].body == fake.seen[1].body


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (Answer(200, {"id": ""}), Verdict.UNKNOWN),
        (Answer(500), Verdict.UNKNOWN),
        (Answer(drop=True), Verdict.UNKNOWN),
        (Answer(422, {"message": "no"}), Verdict.REJECTED),
        (Answer(429, headers={"Retry-After": "2"}), Verdict.REJECTED),
    ],
)
def test_what_an_answer_means(answer: Answer, verdict: Verdict):
    with serving(answer) as fake:
        made = provider(fake.port)
        assert made.send(sms()).verdict == verdict
        made.close()


def test_the_setting_builds_it(settings: Settings):
    settings.SMS_PROVIDER_URL = "relay://token@relay.example.com:8443/v1/send?remembers=3600"
    built = registry.for_channel("sms")
    assert isinstance(built, RelayProvider)
    assert (built.url, built.remembers) == ("https://relay.example.com:8443/v1/send", timedelta(hours=1))
    assert built.headers == {"Authorization": "Bearer token"}
