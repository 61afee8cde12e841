"""Where a key is carried in a request, and who it is."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.http import HttpRequest

from accounts.domain import keys
from feedbackhub.api.errors import ApiError, Kind

if TYPE_CHECKING:
    from feedbackhub.api.contract import Contract


def bearer(request: HttpRequest) -> str | None:
    """`Authorization: Bearer <key>`; the scheme in any case, one blank."""
    return _after("bearer", request)


def basic_username(request: HttpRequest) -> str | None:
    """HTTP Basic: the key is the user name, the password is ignored."""
    encoded = _after("basic", request)
    if encoded is None:
        return None
    try:
        pair = base64.b64decode(encoded.strip(), validate=True).decode()
    except ValueError:
        raise _refusal("The Authorization header is not valid HTTP Basic.", "malformed") from None
    return pair.partition(":")[0] or None


def header(name: str) -> Callable[[HttpRequest], str | None]:
    """A header of its own holds the key."""

    def read(request: HttpRequest) -> str | None:
        return request.headers.get(name, "").strip() or None

    return read


def _after(scheme: str, request: HttpRequest) -> str | None:
    value = request.headers.get("Authorization", "")
    if not value:
        return None
    found, _, rest = value.partition(" ")
    if found.lower() != scheme:
        raise _refusal(f"The Authorization header must say {scheme.title()} and then the key.", "malformed")
    return rest.strip() or None


def _refusal(message: str, reason: str) -> ApiError:
    return ApiError(Kind.UNAUTHORIZED, message, details={"reason": reason})


def authenticate(contract: Contract, request: HttpRequest) -> keys.KeyContext:
    """The caller; ApiError UNAUTHORIZED otherwise, `details["reason"]` is missing, malformed or unknown."""
    secret = contract.read_key(request)
    if secret is None:
        raise _refusal("No API key was sent.", "missing")
    caller = keys.authenticate(secret)
    if caller is None:
        raise _refusal("The API key is not valid.", "unknown")
    return caller
