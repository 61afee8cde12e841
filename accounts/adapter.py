"""Sign-in rules: nobody signs up by themselves; guessing is slow; TOTP secrets are encrypted at rest."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from accounts import devices
from feedbackhub import sealing
from feedbackhub.http import client_ip


class InvitationOnlyAdapter(DefaultAccountAdapter):
    """People join by invitation (accounts/domain/invitations.py)."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_ip(request) or "unknown"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Take one try from every count that applies (see devices.py); a success gives them back."""
        super().pre_authenticate(request, **credentials)
        email = str(credentials.get("email", "")).lower()
        if devices.is_known(request, email):
            return
        usage = ratelimit.consume(request, app="allauth.account", action="login_failed_anywhere", key=email)
        if not usage:
            raise self.validation_error("too_many_login_attempts")
        self._login_failed_rl_usage.usage += usage.usage

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # allauth counts by address alone, with which anybody can lock anybody out.
        email = str(credentials.get("email", "")).lower()
        return f"{email}:{client_ip(request)}"


class EncryptingMFAAdapter(DefaultMFAAdapter):
    """A copy of the database alone does not yield second factors."""

    def encrypt(self, text: str) -> str:
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.unseal(encrypted_text)
