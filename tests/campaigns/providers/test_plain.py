"""The outbox, the terminal, the file, and Django's own mails."""

from __future__ import annotations

import json
import os
import smtplib
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives
from pytest_django import Settings

from accounts.models import Account
from campaigns.models import OutboxEntry
from campaigns.providers import base
from campaigns.providers.django_backend import HubEmailBackend
from campaigns.providers.outbox import OutboxProvider
from campaigns.providers.plain import ConsoleProvider, FileProvider
from tests.campaigns.providers.envelopes import late, mail, sms
from tests.campaigns.providers.test_smtp import Sink, free_port, serving


@pytest.mark.django_db
def test_the_outbox_keeps_a_message_once_per_key(account: Account):
    provider = OutboxProvider()
    for _ in range(2):
        assert provider.send(mail(account_id=account.pk, idem_key="m:1")) == base.accepted("m:1")
    assert provider.send(sms(account_id=account.pk, idem_key="m:2")) == base.accepted("m:2")
    first, second = OutboxEntry.objects.order_by("pk")
    assert (first.account, first.channel, first.address, first.subject) == (
        account,
        "email",
        "jane@example.com",
        "How was it?",
    )
    assert first.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (second.channel, second.text_body, second.headers) == ("sms", sms().text, {})


@pytest.mark.django_db
def test_nobody_who_woke_up_too_late_delivers(account: Account, tmp_path: Path):
    for provider in (OutboxProvider(), ConsoleProvider(), FileProvider(tmp_path / "x")):
        assert provider.send(late(mail(account_id=account.pk))).verdict == base.Verdict.NOT_SENT
    assert not OutboxEntry.objects.exists()


def test_the_terminal_shows_what_was_sent(capsys: pytest.CaptureFixture[str]):
    assert ConsoleProvider().send(sms(text="Hi")).verdict == base.Verdict.ACCEPTED
    assert capsys.readouterr().out == "--- sms to +12015550123\nHi\n---\n"


def test_the_file_has_a_line_for_each_and_is_private(tmp_path: Path):
    path = tmp_path / "new" / "sent.jsonl"
    for text in ("One\nline", "Zwö"):
        FileProvider(path).send(sms(text=text, idem_key="k"))
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines == [{"id": "k", "channel": "sms", "to": "+12015550123", "text": text} for text in ("One\nline", "Zwö")]
    assert os.stat(path).st_mode & 0o077 == 0


def test_a_file_that_cannot_be_opened_is_not_sent(tmp_path: Path):
    outcome = FileProvider(tmp_path).send(sms())
    assert (outcome.verdict, outcome.provider_down) == (base.Verdict.NOT_SENT, True)


def django_mail(*to: str) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives("Reset", "Open https://x", "Hub <hub@localhost>", list(to))
    message.attach_alternative("<p>Open</p>", "text/html")
    return message


@pytest.mark.django_db
def test_djangos_mails_go_to_the_outbox():
    assert HubEmailBackend().send_messages([django_mail("Jane <jane@example.com>", "joe@example.com")]) == 1
    entries = OutboxEntry.objects.order_by("pk")
    assert [(entry.account, entry.address, entry.text_body, entry.html_body) for entry in entries] == [
        (None, "jane@example.com", "Open https://x", "<p>Open</p>"),
        (None, "joe@example.com", "Open https://x", "<p>Open</p>"),
    ]


def test_djangos_mails_go_by_smtp(settings: Settings):
    sink = Sink()
    with serving(sink) as port:
        settings.EMAIL_PROVIDER_URL = f"smtp://127.0.0.1:{port}"
        settings.SEND_ONLY_TO = ["*@example.com"]
        message = django_mail("jane@example.com", "other@example.org")
        message.bcc = ["boss@example.com"]
        assert HubEmailBackend().send_messages([message, django_mail("other@example.org")]) == 1
        sink.rcpt = "550 no"
        with pytest.raises(smtplib.SMTPException, match="550 no"):
            HubEmailBackend().send_messages([django_mail("jane@example.com")])
        assert HubEmailBackend(fail_silently=True).send_messages([django_mail("jane@example.com")]) == 0
    [envelope] = sink.envelopes
    assert envelope.rcpt_tos == ["jane@example.com", "boss@example.com"]
    assert b"boss" not in envelope.content
    settings.EMAIL_PROVIDER_URL = f"smtp://127.0.0.1:{free_port()}"
    with pytest.raises(smtplib.SMTPException):
        HubEmailBackend().send_messages([django_mail("jane@example.com")])
