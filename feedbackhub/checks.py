"""System checks: misconfiguration is named before it hurts."""

from __future__ import annotations

from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def encryption_keys_are_fernet_keys(**_options: Any) -> list[CheckMessage]:
    for key in settings.ENCRYPTION_KEYS:
        try:
            Fernet(key)
        except ValueError:
            return [
                Error(
                    "ENCRYPTION_KEYS holds something that is not a Fernet key.",
                    hint="Use 32 random bytes in URL-safe base64; .env.example shows how to make one.",
                    id="feedbackhub.E001",
                )
            ]
    return []


@register(deploy=True)
def addresses_are_https_in_production(**_options: Any) -> list[CheckMessage]:
    if settings.PRODUCTION and not settings.HTTPS:
        return [
            Error(
                "BASE_URL is not https: cookies and links would travel in the clear.",
                hint="Terminate TLS in front of the hub and set BASE_URL=https://…",
                id="feedbackhub.E002",
            )
        ]
    return []
