"""The Formbricks Hub contract as one value."""

from __future__ import annotations

from django.http import HttpRequest

from feedback.api.hub.errors import ERROR_SCHEMA, MEDIA_TYPE, render_error
from feedbackhub.api.contract import Contract
from feedbackhub.api.errors import ApiError, Kind

BODY_LIMIT = 512 * 1024
# Of what is no record: searches, webhooks, taxonomies.
SMALL_BODY = 64 * 1024
SETTINGS_BODY = 8 * 1024


def read_key(request: HttpRequest) -> str | None:
    """`Bearer`, exactly one blank, the key; this contract tells four ways of getting it wrong apart."""
    value: str | None = request.META.get("HTTP_AUTHORIZATION")
    if not value:
        return None
    scheme, blank, key = value.partition(" ")
    if not blank and scheme.lower() == "bearer":
        # Servers strip the blank of a header that ends with it.
        raise ApiError(Kind.UNAUTHORIZED, "", details={"reason": "empty"})
    if scheme.lower() != "bearer":
        raise ApiError(Kind.UNAUTHORIZED, "", details={"reason": "malformed"})
    if not key:
        raise ApiError(Kind.UNAUTHORIZED, "", details={"reason": "empty"})
    return key


HUB = Contract(
    name="hub",
    prefixes=("/v1",),
    read_key=read_key,
    challenge="Bearer",
    render_error=render_error,
    max_body_bytes=BODY_LIMIT,
    title="Formbricks Hub feedback records",
    error_schema=ERROR_SCHEMA,
    error_media_type=MEDIA_TYPE,
)
