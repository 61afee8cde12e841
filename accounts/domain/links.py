"""Invitation links.

The token is derived from the row's public id with SECRET_KEY and only its SHA-256 is stored: a copy of the database
opens nothing, and the mail that carries the link can be written at any later time.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import Invitation
from feedbackhub.errors import Refused
from feedbackhub.ids import TOKEN_BYTES

LIFE = timedelta(days=7)


def stored_hash(public_id: str) -> bytes:
    """What a new invitation keeps of its token."""
    return digest(_token(public_id, settings.SECRET_KEY))


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def invitation_url(invitation: Invitation) -> str:
    """Raises Refused when SECRET_KEY was changed without keeping the old one as a fallback."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        token = _token(invitation.public_id, secret)
        if digest(token) == bytes(invitation.token_hash):
            return f"{settings.BASE_URL}/invite?code={token}"
    raise Refused("The link of this invitation can no longer be made. Invite again.")


def is_open(invitation: Invitation) -> bool:
    """Whether its link still works."""
    settled = invitation.accepted_at or invitation.revoked_at or invitation.account.deleted_at
    return not settled and invitation.expires_at > timezone.now()


def _token(public_id: str, secret: str) -> str:
    made = salted_hmac("accounts.invitation", public_id, secret=secret, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(made[:TOKEN_BYTES]).decode()
