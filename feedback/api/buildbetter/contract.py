"""The BuildBetter ingestion contract as one value."""

from __future__ import annotations

from django.http import HttpRequest

from feedback.api.buildbetter.errors import ERROR_SCHEMA, render_error
from feedbackhub.api import credentials
from feedbackhub.api.contract import Contract

HEADER = "X-BuildBetter-Api-Key"


def read_key(request: HttpRequest) -> str | None:
    """The vendor's own header; its other pages show a bearer token."""
    return credentials.header(HEADER)(request) or credentials.bearer(request)


BUILDBETTER = Contract(
    name="buildbetter",
    prefixes=("/v3",),
    read_key=read_key,
    challenge=f'ApiKey header="{HEADER}"',
    render_error=render_error,
    rate_headers=True,
    title="BuildBetter feedback ingestion",
    error_schema=ERROR_SCHEMA,
    security_scheme={"type": "apiKey", "in": "header", "name": HEADER},
)
