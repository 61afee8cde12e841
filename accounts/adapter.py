"""Sign-in rules: nobody signs up by themselves; TOTP secrets are encrypted at rest."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest


class InvitationOnlyAdapter(DefaultAccountAdapter):
    """People join by invitation (accounts/domain/invitations.py)."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class EncryptingMFAAdapter(DefaultMFAAdapter):
    """A copy of the database alone does not yield second factors."""

    def _fernet(self) -> MultiFernet:
        return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])

    def encrypt(self, text: str) -> str:
        return self._fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return self._fernet().decrypt(encrypted_text.encode()).decode()
