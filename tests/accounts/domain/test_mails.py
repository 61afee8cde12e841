"""Mails about signing in."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.core import mail as outbox
from django.test import override_settings
from django.utils import timezone

from accounts.domain import accounts, actors, invitations, mails
from accounts.models import Account, AccountMail
from tests.accounts.factories import member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_memory() -> object:
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        yield


@pytest.fixture
def acme() -> Account:
    return accounts.create(name="Acme & Sons", actor=actors.SYSTEM)


def invite(account: Account, email: str = "dave@example.com") -> str:
    return invitations.invite(account=account, email=email, send=True, actor=actors.SYSTEM).url


def test_an_invitation_is_due_until_it_is_sent_and_sent_once(acme: Account) -> None:
    url = invite(acme)
    assert AccountMail.objects.get().sent_at is None
    assert mails.send_due() == 1
    assert mails.send_due() == 0
    [message] = outbox.outbox
    assert (message.to, message.subject) == (["dave@example.com"], "Join Acme & Sons on FeedbackHub")
    assert url in message.body
    assert "Acme & Sons invites you" in message.body
    [(html, kind)] = message.alternatives
    assert (kind, f'href="{url}"' in html, "Acme &amp; Sons" in html) == ("text/html", True, True)
    assert AccountMail.objects.get().sent_at is not None


def test_without_send_nothing_is_mailed(acme: Account) -> None:
    invitations.invite(account=acme, email="dave@example.com", actor=actors.SYSTEM)
    assert AccountMail.objects.count() == 0


def test_an_invitation_that_was_replaced_is_not_mailed(acme: Account) -> None:
    invite(acme)
    url = invite(acme)
    assert mails.send_due() == 1
    assert url in outbox.outbox[0].body
    given_up = AccountMail.objects.get(sent_at=None)
    assert (given_up.given_up_at is not None, given_up.problem) == (True, "The invitation is no longer open.")


def test_a_mail_that_fails_is_tried_again_and_given_up_in_the_end(acme: Account) -> None:
    invite(acme)
    failing = patch("django.core.mail.EmailMultiAlternatives.send", side_effect=ConnectionRefusedError("no server"))
    with failing:
        assert mails.send_due() == 0
        row = AccountMail.objects.get()
        assert (row.attempts, row.problem, row.given_up_at) == (1, "ConnectionRefusedError: no server", None)
        assert row.next_try_at > timezone.now() + timedelta(seconds=50)
        for _ in range(len(mails.WAITS)):
            AccountMail.objects.update(next_try_at=timezone.now())
            assert mails.send_due() == 0
    row.refresh_from_db()
    assert (row.attempts, row.sent_at, row.given_up_at is not None) == (6, None, True)
    assert mails.send_due() == 0


def test_a_mail_in_somebody_elses_hands_is_left_alone_until_the_lease_ends(acme: Account) -> None:
    invite(acme)
    assert len(mails._claim()) == 1
    assert mails.send_due() == 0
    AccountMail.objects.update(next_try_at=timezone.now())
    assert mails.send_due() == 1


def test_somebody_who_waits_goes_before_digests(acme: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mails, "BATCH", 2)
    early = timezone.now() - timedelta(minutes=5)
    for n in range(3):
        user = member(acme, f"reader{n}@example.com")
        AccountMail.objects.create(
            kind=AccountMail.Kind.DIGEST, email=user.email, user=user, day=early.date(), next_try_at=early
        )
    mails.want_password_reset(email="bob@example.com")
    assert [mail.email for mail in mails._claim()] == ["bob@example.com", "reader0@example.com"]
    assert [mail.email for mail in mails._claim()] == ["reader1@example.com", "reader2@example.com"]


def test_a_password_reset_goes_to_those_who_can_sign_in_only(acme: Account) -> None:
    member(acme, "bob@example.com")
    member(acme, "gone@example.com", is_active=False)
    for email in ("Bob@Example.com", "gone@example.com", "nobody@example.com"):
        mails.want_password_reset(email=email)
    assert mails.send_due() == 1
    [message] = outbox.outbox
    assert message.to == ["bob@example.com"]
    assert "/accounts/password/reset/key/" in message.body


def test_settled_mails_are_forgotten_after_a_week(acme: Account) -> None:
    invite(acme)
    mails.want_password_reset(email="nobody@example.com")
    mails.send_due()
    invite(acme, "eve@example.com")
    AccountMail.objects.update(created_at=timezone.now() - timedelta(days=8))
    assert mails.forget_old() == 2
    assert AccountMail.objects.get().email == "eve@example.com"


def test_a_broker_that_is_down_loses_only_the_hint(acme: Account, django_capture_on_commit_callbacks: object) -> None:
    with (
        patch("feedbackhub.hints.app.send_task", side_effect=ConnectionError),
        django_capture_on_commit_callbacks(execute=True),  # type: ignore[operator]
    ):
        invite(acme)
    assert mails.send_due() == 1
