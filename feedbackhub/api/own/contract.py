"""The hub's own API as one value. Its nouns live in `<app>/api/v1/`."""

from __future__ import annotations

from feedbackhub.api.contract import Contract
from feedbackhub.api.credentials import bearer
from feedbackhub.api.own.errors import ERROR_SCHEMA, MEDIA_TYPE, render_error

API = Contract(
    name="api",
    prefixes=("/api/v1",),
    read_key=bearer,
    challenge="Bearer",
    render_error=render_error,
    rate_headers=True,
    title="FeedbackHub",
    description="The hub's own API: what the other contracts have no words for.",
    error_schema=ERROR_SCHEMA,
    error_media_type=MEDIA_TYPE,
)
