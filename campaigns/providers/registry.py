"""Which provider serves a channel: EMAIL_PROVIDER_URL and SMS_PROVIDER_URL."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from campaigns.providers.base import Provider
from campaigns.providers.outbox import OutboxProvider


class BadProviderURL(ValueError):
    """The text says which variable and what to write."""


def _outbox(_variable: str, _url: SplitResult) -> Provider:
    return OutboxProvider()


BUILDERS: dict[str, dict[str, Callable[[str, SplitResult], Provider]]] = {
    "email": {"outbox": _outbox},
    "sms": {"outbox": _outbox},
}


def for_channel(channel: str) -> Provider:
    """The channel's provider, one per process and setting."""
    if channel == "email":
        return _built("email", "EMAIL_PROVIDER_URL", settings.EMAIL_PROVIDER_URL)
    return _built("sms", "SMS_PROVIDER_URL", settings.SMS_PROVIDER_URL)


@lru_cache(maxsize=8)
def _built(channel: str, variable: str, url: str) -> Provider:
    parts = urlsplit(url)
    builders = BUILDERS[channel]
    if parts.scheme not in builders:
        kinds = ", ".join(f"{scheme}://" for scheme in builders)
        raise BadProviderURL(f"{variable} starts with {parts.scheme or 'nothing'}. It must start with one of: {kinds}.")
    return builders[parts.scheme](variable, parts)
