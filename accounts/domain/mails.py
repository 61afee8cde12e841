"""The hub's own mails to its users, about signing in and digests.

The wish is stored now, sent in the background, tried again, and it is said when it is given up.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import quote

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Min, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.domain import links
from accounts.models import AccountMail, Invitation, User
from feedbackhub import hints
from feedbackhub.queues import COUNTED, Lag

# Waits between attempts; after the last the mail is given up.
WAITS = [timedelta(minutes=m) for m in (1, 5, 15, 60, 240)]
LEASE = timedelta(minutes=2)
BATCH = 20
KEPT = timedelta(days=7)


class Obsolete(Exception):
    """There is nobody to write to, or no reason any more."""


def want_password_reset(*, email: str) -> None:
    """Store the wish: the same work for a known address and an unknown one."""
    with transaction.atomic():
        AccountMail.objects.create(
            kind=AccountMail.Kind.PASSWORD_RESET, email=email.strip().lower(), next_try_at=timezone.now()
        )
        transaction.on_commit(wake)


def want_invitation(*, invitation: Invitation) -> None:
    """Store that an invitation is to be mailed, in the transaction that makes it."""
    AccountMail.objects.create(
        kind=AccountMail.Kind.INVITATION,
        email=invitation.email,
        invitation=invitation,
        next_try_at=timezone.now(),
    )
    transaction.on_commit(wake)


def wake() -> None:
    hints.send("accounts.send_mails")


def send_due() -> int:
    """Send what is due and returns how many went out. A mail may go out twice if the process dies between sending and
    noting it: its link is the same or as good, so that is better than none."""
    sent = 0
    for mail in _claim():
        sent += _send(mail)
    return sent


def forget_old() -> int:
    """Delete what was settled a week ago; returns how many rows."""
    before = timezone.now() - KEPT
    old = AccountMail.objects.filter(created_at__lt=before).exclude(sent_at=None, given_up_at=None)
    return old.delete()[0]


def lag() -> Lag:
    """How far this queue is behind."""
    now = timezone.now()
    due = _due(now)
    first = due.aggregate(first=Min("next_try_at"))["first"]
    return Lag(due[:COUNTED].count(), (now - first).total_seconds() if first else 0.0)


def _due(now: datetime) -> QuerySet[AccountMail]:
    return AccountMail.objects.filter(sent_at=None, given_up_at=None, next_try_at__lte=now)


def _claim() -> list[AccountMail]:
    now = timezone.now()
    with transaction.atomic():
        rows = _due(now).select_for_update(skip_locked=True).order_by("next_try_at", "id")
        # Somebody waits in front of the screen for the others; a thousand digests of eight o'clock do not go first.
        mails = list(rows.exclude(kind=AccountMail.Kind.DIGEST)[:BATCH])
        if len(mails) < BATCH:
            mails += rows.filter(kind=AccountMail.Kind.DIGEST)[: BATCH - len(mails)]
        # A lease: whoever dies with the mail in hand, another tries again then.
        AccountMail.objects.filter(pk__in=[mail.pk for mail in mails]).update(next_try_at=now + LEASE)
    return mails


def _send(mail: AccountMail) -> bool:
    try:
        COMPOSE[mail.kind](mail).send()
    except Obsolete as reason:
        _settle(mail, given_up_at=timezone.now(), problem=str(reason))
        return False
    except Exception as error:  # noqa: BLE001 - whatever the mail server did, the row must say so
        _put_off(mail, error)
        return False
    _settle(mail, sent_at=timezone.now(), problem="")
    return True


def _settle(mail: AccountMail, **values: object) -> None:
    AccountMail.objects.filter(pk=mail.pk).update(attempts=mail.attempts + 1, **values)


def _put_off(mail: AccountMail, error: Exception) -> None:
    problem = f"{type(error).__name__}: {error}"[:300]
    if mail.attempts < len(WAITS):
        _settle(mail, next_try_at=timezone.now() + WAITS[mail.attempts], problem=problem)
    else:
        _settle(mail, given_up_at=timezone.now(), problem=problem)


def _invitation(mail: AccountMail) -> EmailMultiAlternatives:
    invitation = mail.invitation
    if invitation is None or not links.is_open(invitation):
        raise Obsolete("The invitation is no longer open.")
    context = {
        "account": invitation.account,
        "url": links.invitation_url(invitation),
        "days": links.LIFE.days,
    }
    return message(
        "account/mail/invitation", mail.email, context, f"Join {invitation.account.display_name} on FeedbackHub"
    )


def _password_reset(mail: AccountMail) -> EmailMultiAlternatives:
    user = User.objects.filter(email=mail.email, is_active=True).first()
    if user is None:
        raise Obsolete("Nobody signs in with this address.")
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
    url = settings.BASE_URL + path.replace("UID-KEY", quote(key))
    return message("account/mail/password_reset", mail.email, {"url": url}, "Choose a new password for FeedbackHub")


COMPOSE: dict[str, Callable[[AccountMail], EmailMultiAlternatives]] = {
    AccountMail.Kind.INVITATION: _invitation,
    AccountMail.Kind.PASSWORD_RESET: _password_reset,
}


def compose(kind: str, composer: Callable[[AccountMail], EmailMultiAlternatives]) -> None:
    """Say what a kind of mail says; called when the app that knows it is ready."""
    COMPOSE[kind] = composer


def message(template: str, email: str, context: dict[str, object], subject: str) -> EmailMultiAlternatives:
    """A mail of the two templates of this name, as text and as HTML."""
    context = {**context, "subject": subject, "base_url": settings.BASE_URL}
    mail = EmailMultiAlternatives(subject, render_to_string(f"{template}.txt", context), to=[email])
    mail.attach_alternative(render_to_string(f"{template}.html", context), "text/html")
    return mail
