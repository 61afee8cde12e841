"""Which provider serves a channel: EMAIL_PROVIDER_URL and SMS_PROVIDER_URL, or an account's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.conf import settings

from campaigns.providers.anymail import VENDORS, AnymailProvider, BadOptions
from campaigns.providers.base import Provider
from campaigns.providers.outbox import OutboxProvider
from campaigns.providers.plain import ConsoleProvider, FileProvider
from campaigns.providers.relay import RelayProvider
from campaigns.providers.smtp import SmtpProvider
from campaigns.providers.smtp_conversation import Server
from campaigns.providers.twilio import TwilioProvider

# Takes the place of a code in the addresses that the hub's own providers call back.
HUB = "hub"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class BadProviderURL(ValueError):
    """The text says which variable and what to write, never the URL itself: it holds a password."""


class _Parts:
    """A provider's URL, taken apart; whatever nobody asked for is refused, so that a typing error is not ignored."""

    def __init__(self, variable: str, url: str, code: str = "") -> None:
        self.variable = variable
        # Of an account's own credentials; the hub's have none.
        self.code = code
        try:
            self.url: SplitResult = urlsplit(url)
            self.port = self.url.port
        except ValueError as error:
            raise BadProviderURL(f"{variable} cannot be read: {error}.") from error
        self.options = dict(parse_qsl(self.url.query, keep_blank_values=True))

    @property
    def host(self) -> str:
        if not self.url.hostname:
            raise self.bad("names no host")
        return self.url.hostname

    @property
    def netloc(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" if self.port else host

    def user(self) -> str:
        return unquote(self.url.username or "")

    def password(self) -> str:
        return unquote(self.url.password or "")

    def take(self, name: str, default: str | None = None, *, choices: tuple[str, ...] = ()) -> str:
        value = self.options.pop(name, default)
        if not value and default is None:
            raise self.bad(f"lacks ?{name}=")
        if choices and value not in choices:
            raise self.bad(f"has {name}={value}; use one of: {', '.join(choices)}")
        return value or ""

    def done(self) -> None:
        if self.options:
            raise self.bad(f"has an option nobody knows: {', '.join(sorted(self.options))}")

    def http_base(self) -> str:
        """https, or http where no one on the way can listen."""
        scheme = self.take("scheme", "https", choices=("https", "http"))
        if scheme == "http" and settings.PRODUCTION and (self.code or self.host not in LOOPBACK):
            raise self.bad("sends secrets over plain http; only a loopback address may")
        return f"{scheme}://{self.netloc}"

    def hook(self, what: str) -> str:
        """Where the provider calls back: only over https, where nobody can read or change what it says."""
        return f"{settings.BASE_URL}/hooks/{what}" if settings.HTTPS else ""

    @property
    def hook_name(self) -> str:
        return self.code or HUB

    def bad(self, what: str) -> BadProviderURL:
        return BadProviderURL(f"{self.variable} {what}.")


def _smtp(parts: _Parts) -> Provider:
    implicit = parts.url.scheme == "smtps"
    # A password is never sent in the clear unless somebody writes so.
    usual = "starttls" if parts.user() or parts.port == 587 else "none"
    tls: Any = "implicit" if implicit else parts.take("tls", usual, choices=("none", "starttls"))
    return SmtpProvider(
        Server(
            host=parts.host,
            port=parts.port or (465 if implicit else 587 if tls == "starttls" else 25),
            tls=tls,
            user=parts.user(),
            password=parts.password(),
            ca_file=parts.take("ca", "") or None,
            name=urlsplit(settings.BASE_URL).hostname or "localhost",
            guarded=bool(parts.code),
        ),
        sender=_sender(parts),
        sns_topic=parts.take("sns_topic", ""),
    )


def _sender(parts: _Parts) -> str:
    """Required of an account's own: its server would hardly take the hub's address."""
    address = parts.take("from", None if parts.code else "")
    if address and (address.count("@") != 1 or not address.isascii() or any(char <= " " for char in address)):
        raise parts.bad("needs an e-mail address as from=")
    return address


def _anymail(parts: _Parts) -> Provider:
    if parts.host not in VENDORS:
        raise parts.bad(f"names a vendor nobody knows; use one of: {', '.join(VENDORS)}")
    sender = _sender(parts)
    options, parts.options = parts.options, {}
    if parts.code and "api_url" in options:
        raise parts.bad("must leave the vendor's address as it is")
    if len(options.get("webhook_secret", "x" * 24)) < 24:
        raise parts.bad("needs webhook_secret=user:password of at least 24 characters")
    try:
        return AnymailProvider(vendor=parts.host, options=options, sender=sender)
    except BadOptions as error:
        raise parts.bad(f"does not fit {parts.host}: {error}") from error


def _twilio(parts: _Parts) -> Provider:
    if not parts.user() or not parts.password():
        raise parts.bad("lacks the account: twilio://SID:TOKEN@api.twilio.com?from=%2B15005550006")
    return TwilioProvider(
        api=parts.http_base(),
        account_sid=parts.user(),
        token=parts.password(),
        sender=parts.take("from"),
        callback=parts.hook(f"twilio/{parts.hook_name}/status"),
        confirms=parts.take("confirm", "twilio", choices=("twilio", "hub")) == "hub",
        guarded=bool(parts.code),
    )


def _relay(parts: _Parts) -> Provider:
    seconds = parts.take("remembers", "0")
    if not (seconds.isascii() and seconds.isdigit()):
        raise parts.bad("needs remembers= in whole seconds: how long the relay knows a key")
    return RelayProvider(
        url=f"{parts.http_base()}{parts.url.path}",
        token=parts.user(),
        remembers=timedelta(seconds=int(seconds)) if int(seconds) else None,
        sender=parts.take("from", ""),
        webhook_secret=parts.take("webhook_secret", ""),
        guarded=bool(parts.code),
    )


def _file(parts: _Parts) -> Provider:
    if not parts.url.path or parts.url.netloc:
        raise parts.bad("must name an absolute path: file:///var/log/messages.jsonl")
    return FileProvider(Path(unquote(parts.url.path)))


Builder = Callable[[_Parts], Provider]

_EITHER: dict[str, Builder] = {
    "outbox": lambda _parts: OutboxProvider(),
    "console": lambda _parts: ConsoleProvider(),
    "file": _file,
    "relay": _relay,
}
BUILDERS: dict[str, dict[str, Builder]] = {
    "email": {**_EITHER, "smtp": _smtp, "smtps": _smtp, "anymail": _anymail},
    "sms": {**_EITHER, "twilio": _twilio},
}
# What an account may bring: nothing that ends on this machine.
OWN: dict[str, dict[str, Builder]] = {
    "email": {"smtp": _smtp, "smtps": _smtp, "anymail": _anymail, "relay": _relay},
    "sms": {"twilio": _twilio, "relay": _relay},
}


def for_channel(channel: str) -> Provider:
    """The hub's own for the channel, one per process and setting. Raises BadProviderURL."""
    if channel == "email":
        return _built("email", "EMAIL_PROVIDER_URL", settings.EMAIL_PROVIDER_URL, "", settings.BASE_URL)
    return _built("sms", "SMS_PROVIDER_URL", settings.SMS_PROVIDER_URL, "", settings.BASE_URL)


def own(*, channel: str, url: str, code: str) -> Provider:
    """An account's, named after its code. Raises BadProviderURL."""
    return _built(channel, "The URL", url, code, settings.BASE_URL)


@lru_cache(maxsize=1000)
def _built(channel: str, variable: str, url: str, code: str, _base_url: str) -> Provider:
    parts, builders = _Parts(variable, url, code), OWN[channel] if code else BUILDERS[channel]
    if parts.url.scheme not in builders:
        kinds = ", ".join(f"{scheme}://" for scheme in builders)
        raise parts.bad(f"starts with {parts.url.scheme or 'no scheme'}; it must start with one of: {kinds}")
    if code and "ca" in parts.options:
        raise parts.bad("has an option nobody knows: ca")
    provider = builders[parts.url.scheme](parts)
    parts.done()
    if code:
        provider.name = f"{provider.name}@{code}"
    return provider
