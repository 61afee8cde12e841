"""Twilio over HTTP: what is sent, and what each answer means."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pytest_django import Settings

from campaigns.providers import base, registry
from campaigns.providers.base import Finding, Verdict
from campaigns.providers.twilio import TwilioProvider
from tests.campaigns.providers.envelopes import late, sms
from tests.campaigns.providers.http_fake import Answer, Fake, serving


def provider(port: int, **options: str) -> TwilioProvider:
    given = {"api": f"http://127.0.0.1:{port}", "account_sid": "AC1", "token": "secret", "sender": "+15005550006"}
    return TwilioProvider(**{**given, **options})


@contextmanager
def twilio(*answers: Answer, **options: str) -> Iterator[tuple[Fake, TwilioProvider]]:
    with serving(*answers) as fake:
        made = provider(fake.port, **options)
        try:
            yield fake, made
        finally:
            made.close()


def test_a_message_is_posted_as_twilio_wants_it():
    with twilio() as (fake, made):
        outcome = made.send(sms(text="Hi Zoë 🙂"))
    assert outcome == base.accepted("SM1", status=201)
    [request] = fake.seen
    assert request.path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert request.headers["authorization"] == "Basic " + base64.b64encode(b"AC1:secret").decode()
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.form == {
        "To": "+12015550123",
        "From": "+15005550006",
        "Body": "Hi Zoë 🙂",
    }


def test_a_messaging_service_takes_the_place_of_a_number():
    with twilio(sender="MG123") as (fake, made):
        made.send(sms())
    assert (fake.seen[0].form["MessagingServiceSid"], "From" in fake.seen[0].form) == ("MG123", False)


@pytest.mark.parametrize(
    ("code", "finding"),
    [
        (21610, Finding.STOP),
        (21211, Finding.SMS_FAILED),
        (21614, Finding.SMS_FAILED),
        (21408, None),
        (None, None),
    ],
)
def test_a_refusal_is_for_good_and_may_tell_about_the_number(code: int | None, finding: Finding | None):
    with twilio(Answer(400, {"code": code, "message": "No."})) as (_, made):
        outcome = made.send(sms())
    assert outcome == base.refused(f"400 {code} No.", status=400, finding=finding)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_other_refusals_are_for_good(status: int):
    with twilio(Answer(status, b"<html>no</html>")) as (_, made):
        outcome = made.send(sms())
    assert (outcome.verdict, outcome.retry_after, outcome.finding) == (Verdict.REJECTED, None, None)


@pytest.mark.parametrize(("header", "seconds"), [("7", 7), ("soon", 0), ("-1", 0), ("99999999", 3600), ("٣", 0)])
def test_too_many_requests_is_for_now(header: str, seconds: float):
    with twilio(Answer(429, {"code": 20429}, {"Retry-After": header.encode().decode("latin-1")})) as (_, made):
        outcome = made.send(sms())
    assert (outcome.verdict, outcome.retry_after) == (Verdict.REJECTED, seconds)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500),
        Answer(502, b"Bad gateway"),
        Answer(503, headers={"Retry-After": "1"}),
        Answer(201, b"not json"),
        Answer(201, {}),
        Answer(201, []),
        Answer(200, b""),
        Answer(201, {"sid": None}),
        Answer(302, headers={"Location": "/elsewhere"}),
        Answer(drop=True),
    ],
)
def test_whatever_proves_nothing_is_unknown_and_is_called_once(answer: Answer):
    with twilio(answer) as (fake, made):
        outcome = made.send(sms())
    assert (outcome.verdict, len(fake.seen)) == (Verdict.UNKNOWN, 1)


def test_silence_after_the_request_is_unknown(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(base, "READ_SECONDS", 0.2)
    with twilio(Answer(seconds=1)) as (fake, made):
        outcome = made.send(sms())
    assert (outcome.verdict, len(fake.seen)) == (Verdict.UNKNOWN, 1)


def test_nobody_listening_is_not_sent():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        outcome = provider(probe.getsockname()[1]).send(sms())
    assert (outcome.verdict, outcome.provider_down) == (Verdict.NOT_SENT, True)


def test_a_failed_tls_handshake_is_not_sent():
    with serving() as fake:
        outcome = provider(0, api=f"https://127.0.0.1:{fake.port}").send(sms())
    assert (outcome.verdict, fake.seen) == (Verdict.NOT_SENT, [])


def test_waking_up_too_late_sends_nothing():
    with twilio() as (fake, made):
        outcome = made.send(late(sms()))
        assert (outcome, fake.seen) == (base.not_sent("woke up too late"), [])
        assert made.send(sms()).verdict == Verdict.ACCEPTED


def test_the_age_counts_when_the_connection_stands_not_before():
    """Somebody who is put to sleep while connecting must notice."""
    envelope = sms()
    listener = socket.create_server(("127.0.0.1", 0))
    made = provider(listener.getsockname()[1])
    made.client.headers["x"] = "y"
    connect = socket.create_connection

    def slow(*args: object, **options: object) -> socket.socket:
        made_connection = connect(*args, **options)  # type: ignore[arg-type]
        late(envelope)
        return made_connection

    socket.create_connection = slow  # type: ignore[assignment]
    try:
        outcome = made.send(envelope)
    finally:
        socket.create_connection = connect
        listener.close()
        made.close()
    assert outcome == base.not_sent("woke up too late")


def test_a_dripping_answer_does_not_hold_the_sender(monkeypatch: pytest.MonkeyPatch):
    from campaigns.providers import http_call

    monkeypatch.setattr(http_call, "TOTAL_SECONDS", 0.3)
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 1000\r\n\r\n")
            for _ in range(50):
                try:
                    connection.sendall(b" ")
                except OSError:
                    return
                threading.Event().wait(0.05)

    threading.Thread(target=drip, daemon=True).start()
    made = provider(listener.getsockname()[1])
    outcome = made.send(sms())
    made.close()
    listener.close()
    assert outcome.verdict == Verdict.UNKNOWN


LISTED = {"sid": "SM7", "to": "+12015550123", "body": "Sent from a trial account - How was it? https://x/f/a"}


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        ([{**LISTED, "body": "other"}, LISTED], base.accepted("SM7")),
        ([{**LISTED, "to": "+12015550124"}], None),
        ([{**LISTED, "body": "How was it? https://x/f/b"}], None),
        ([None, 3, {}], None),
        ({}, None),
        ([], None),
        (None, None),
    ],
)
def test_a_lost_answer_is_looked_up_by_number_and_words(listed: Any, found: base.Outcome | None):
    with twilio() as (fake, made):
        fake.listed = listed
        assert made.look_up(to="+12015550123", text="How was it? https://x/f/a") == found
    assert fake.seen[0].path == "/2010-04-01/Accounts/AC1/Messages.json?To=%2B12015550123&PageSize=50"


def test_nobody_to_ask_finds_nothing():
    assert provider(1).look_up(to="+12015550123", text="x") is None


def test_the_setting_builds_it(settings: Settings):
    settings.SMS_PROVIDER_URL = "twilio://AC1:to%2Fken@api.twilio.com?from=%2B15005550006"
    built = registry.for_channel("sms")
    assert isinstance(built, TwilioProvider)
    assert built.url == "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json"
    assert (built.auth, built.sender) == (("AC1", "to/ken"), "+15005550006")
