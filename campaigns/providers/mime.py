"""An envelope as an Internet message."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from campaigns.providers.base import Envelope

ATTEMPT = "X-Feedback-Attempt"
# What no two messages have in common; the other headers are the same for a whole campaign.
_OWN = {"to", "date", "message-id", "list-unsubscribe", ATTEMPT.lower()}


@lru_cache(maxsize=500)
def _parsed(name: str, value: str) -> tuple[str, str]:
    return SMTP.header_store_parse(name, value)


@lru_cache(maxsize=500)
def _folded(name: str, value: str) -> bytes:
    return SMTP.fold_binary(name, _parsed(name, value)[1])


class _Policy(EmailPolicy):
    """The usual one, which reads and folds the same header once: that is most of the work of writing a mail."""

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        plain = type(value) is str and name.lower() not in _OWN
        return _parsed(name, value) if plain else super().header_store_parse(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        return super().fold_binary(name, value) if name.lower() in _OWN else _folded(name, str(value))


_POLICY = _Policy(linesep="\r\n")


def sender_address() -> str:
    """The bare address that mails come from and bounces go to."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def headers(envelope: Envelope, *, sender: str = "") -> dict[str, str]:
    """Every header that depends on the envelope alone: the same message always gets the same ones.

    `sender` is the address of an account's own provider.
    """
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    name = envelope.from_name or parseaddr(settings.DEFAULT_FROM_EMAIL)[0]
    user, _, domain = (sender or sender_address()).rpartition("@")
    found = {
        "From": str(Address(display_name=name, username=user, domain=domain)),
        "To": envelope.to,
        "Subject": envelope.subject,
        "Message-ID": f"<{envelope.message_id}@{host}>",
        "List-Unsubscribe": f"<{envelope.unsubscribe_url}>",
        # RFC 8058: the mail program posts this by itself.
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"{_phrase(envelope.list_name)} <{envelope.list_code.lower()}.{host}>",
        "Auto-Submitted": "auto-generated",
        # Events of Amazon SES repeat the headers: this one says whose they are.
        ATTEMPT: str(envelope.attempt_id),
    }
    if envelope.reply_to:
        found["Reply-To"] = envelope.reply_to
    return found


def build(envelope: Envelope, *, sender: str = "") -> bytes:
    """Text and HTML parts, CRLF line ends, lines below 998 octets.

    Raises ValueError for an address or header that cannot be written.
    """
    message = EmailMessage(policy=_POLICY)
    for name, value in headers(envelope, sender=sender).items():
        message[name] = value
    message["Date"] = format_datetime(timezone.now())
    message.set_content(envelope.text, cte="quoted-printable")
    if envelope.html:
        # No quoted-printable text has "=_" in it.
        message.make_alternative(boundary=f"=_{envelope.attempt_id.hex}")
        message.add_alternative(envelope.html, subtype="html", cte="quoted-printable")
    return message.as_bytes()


def _phrase(name: str) -> str:
    """A quoted phrase: List-Id has no display name that the header registry would quote for us."""
    plain = "".join(char for char in name if char.isprintable() and char not in '"\\<>')
    return f'"{plain[:100]}"'
