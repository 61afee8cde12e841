"""System checks: a provider that cannot be reached by its setting is named at start, not at the first message."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from campaigns.providers import registry


@register
def providers_are_set(app_configs: Any, **_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for channel in ("email", "sms"):
        try:
            registry.for_channel(channel)
        except registry.BadProviderURL as error:
            found.append(Error(str(error), id="campaigns.E001"))
    return found


@register(deploy=True)
def messages_leave_the_hub(app_configs: Any, **_: Any) -> list[CheckMessage]:
    if not settings.PRODUCTION or not settings.EMAIL_PROVIDER_URL.startswith("outbox:"):
        return []
    hint = "Set EMAIL_PROVIDER_URL=smtp://… unless the hub is only tried out."
    return [Warning("E-mail stays in the hub's own outbox.", hint=hint, id="campaigns.W001")]
