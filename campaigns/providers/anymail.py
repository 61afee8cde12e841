"""E-mail through the API of any vendor that django-anymail knows but Amazon, whose mail goes by SMTP.

Its backend writes the vendor's call; the connection is ours: no retry, no redirect, no old socket, and it is known
whether the call can have been written.
"""

from __future__ import annotations

from datetime import timedelta
from email.headerregistry import Address
from importlib import import_module
from time import monotonic
from typing import Any

import requests
from anymail.exceptions import (
    AnymailConfigurationError,
    AnymailError,
    AnymailRecipientsRefused,
    AnymailRequestsAPIError,
)
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives
from requests.exceptions import ConnectTimeout
from urllib3.exceptions import NewConnectionError

from campaigns import failpoints
from campaigns.providers import base, mime
from campaigns.providers.base import Envelope, Finding, Outcome

VENDORS = (
    "brevo",
    "mailersend",
    "mailgun",
    "mailjet",
    "mailtrap",
    "mandrill",
    "postal",
    "postmark",
    "resend",
    "scaleway",
    "sparkpost",
    "unisender_go",
)
IDLE_SECONDS = 5.0
# What only the events need: anymail's names for secrets of its webhook views.
_HOOK_WORDS = ("webhook", "signing", "verification")


class BadOptions(ValueError):
    """The vendor needs an option that is missing, or has no such option."""


class _Session(requests.Session):
    """One call for one permission."""

    def request(self, *args: Any, **given: Any) -> requests.Response:
        given.update(allow_redirects=False, timeout=(base.CONNECT_SECONDS, base.READ_SECONDS))
        return super().request(*args, **given)


class AnymailProvider:
    """`options` are anymail's own names, such as api_key; `sender` is the address that mails come from."""

    name = "anymail"
    remembers: timedelta | None = None

    def __init__(self, *, vendor: str, options: dict[str, str], sender: str = "") -> None:
        """Raises BadOptions."""
        self.vendor = vendor
        self.name = f"anymail.{vendor}"
        self.sender = ""
        self.sender_address = sender
        self.hook_options = {name: value for name, value in options.items() if _is_for_hooks(name)}
        if vendor == "unisender_go":
            # Signs its events with the key that sends.
            self.hook_options["api_key"] = options.get("api_key", "")
        rest = {name: value for name, value in options.items() if not _is_for_hooks(name)}
        module = import_module(f"anymail.backends.{vendor}")
        try:
            self.backend = module.EmailBackend(ignore_unsupported_features=True, **rest)
        except (AnymailConfigurationError, ImproperlyConfigured, TypeError, ValueError) as error:
            raise BadOptions(str(error).split(" in your Django")[0]) from error
        unread = [name for name in rest if not hasattr(self.backend, name)]
        if unread:
            raise BadOptions(f"{vendor} has no option {', '.join(sorted(unread))}")
        self._used_at = 0.0

    def send(self, envelope: Envelope) -> Outcome:
        try:
            message = self._message(envelope)
        except (ValueError, LookupError) as error:
            return base.refused(f"cannot be written as a mail: {error}")
        self._connect()
        if envelope.too_late():
            return base.not_sent("woke up too late")
        try:
            failpoints.hit("after_connect")
            self.backend.send_messages([message])
        except AnymailRecipientsRefused as error:
            return self._refused(message, str(error))
        except AnymailRequestsAPIError as error:
            return _failed(error)
        except AnymailError as error:
            # Raised before the call: an address or feature that the vendor's API cannot express.
            return base.refused(str(error)[:400])
        self._used_at = monotonic()
        failpoints.hit("after_provider_accept")
        ref = message.anymail_status.message_id  # type: ignore[attr-defined]
        return base.accepted(ref if isinstance(ref, str) else "")

    def try_out(self) -> str:
        """Vendors have no common call that proves a key without sending."""
        return ""

    def close(self) -> None:
        if self.backend.session is not None:
            self.backend.session.close()
            self.backend.session = None

    def _connect(self) -> None:
        if self.backend.session is not None and monotonic() - self._used_at > IDLE_SECONDS:
            self.close()
        if self.backend.session is None:
            self.backend.session = _Session()

    def _message(self, envelope: Envelope) -> EmailMultiAlternatives:
        headers = mime.headers(envelope, sender=self.sender_address)
        if envelope.to.count("@") != 1 or "," in envelope.to:
            raise ValueError("not one address")
        Address(addr_spec=envelope.to)
        message = EmailMultiAlternatives(
            subject=headers.pop("Subject"),
            body=envelope.text,
            from_email=headers.pop("From"),
            to=[headers.pop("To")],
            reply_to=[reply] if (reply := headers.pop("Reply-To", "")) else None,
            headers=headers,
        )
        if envelope.html:
            message.attach_alternative(envelope.html, "text/html")
        # Most vendors repeat it in every event.
        message.metadata = {"attempt": str(envelope.attempt_id)}  # type: ignore[attr-defined]
        return message

    def _refused(self, message: EmailMultiAlternatives, said: str) -> Outcome:
        status = getattr(message, "anymail_status", None)
        dead = status is not None and status.status == {"invalid"}
        return base.refused(said[:400], finding=Finding.HARD_BOUNCE if dead else None)


def _is_for_hooks(name: str) -> bool:
    return any(word in name for word in _HOOK_WORDS)


def _failed(error: AnymailRequestsAPIError) -> Outcome:
    """By status if there is an answer; without one, only what failed while connecting was surely not written."""
    said, status = str(error)[:400], error.status_code
    if status is None:
        never = _never_connected(error)
        return base.not_sent(said, provider_down=True) if never else base.unknown(said)
    if status == 429:
        after = error.response.headers.get("Retry-After", "")
        return base.refused_for_now(said, status=429, retry_after=float(after) if after.isdigit() else 0)
    if 400 <= status < 500:
        return base.refused(said, status=status)
    return base.unknown(said, status=status)


def _never_connected(error: AnymailRequestsAPIError) -> bool:
    if isinstance(error, ConnectTimeout):
        return True
    cause: Any = error.__cause__
    reason = getattr(cause.args[0], "reason", None) if cause is not None and cause.args else None
    return isinstance(reason, NewConnectionError) or "CERTIFICATE_VERIFY_FAILED" in str(reason)
