"""The browsers somebody has signed in with before.

Bad passwords are counted per address and caller, which strangers cannot use to lock anybody out, and per address over
all callers, which stops guessing from many places. Who comes with this cookie is exempt from the second count.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.core.signing import BadSignature
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from accounts.models import User

COOKIE = "__Host-device" if settings.HTTPS else "device"
SALT = "accounts.devices"
LIFE_SECONDS = 365 * 86_400


def is_known(request: HttpRequest, email: str) -> bool:
    """Whether this browser has signed in with the address within a year."""
    try:
        found = request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=LIFE_SECONDS)
    except BadSignature:
        return False
    return hmac.compare_digest((found or "").encode(), _mark(email).encode())


def remember(request: HttpRequest, response: HttpResponse) -> None:
    """Give the cookie to a browser that has just signed in."""
    email = getattr(request, "_signed_in_with", None)
    if email is not None:
        response.set_signed_cookie(
            COOKIE,
            _mark(email),
            salt=SALT,
            max_age=LIFE_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


@receiver(user_logged_in, dispatch_uid="accounts.devices")
def _signed_in(request: HttpRequest | None, user: User, **kwargs: Any) -> None:
    if request is not None:
        request._signed_in_with = user.email  # type: ignore[attr-defined]


def _mark(email: str) -> str:
    """The address itself is nobody's business who reads the cookie."""
    return hashlib.sha256(email.lower().encode()).hexdigest()
