"""The Leadping product feedback contract as one value."""

from __future__ import annotations

from feedback.api.leadping.errors import ERROR_SCHEMA, MEDIA_TYPE, render_error
from feedbackhub.api.contract import Contract
from feedbackhub.api.credentials import bearer

LEADPING = Contract(
    name="leadping",
    # What cannot be told apart at the root is answered as Leadping's.
    prefixes=("/leadping", "/feedback"),
    read_key=bearer,
    challenge='Bearer realm="leadping"',
    render_error=render_error,
    title="Leadping product feedback",
    error_schema=ERROR_SCHEMA,
    error_media_type=MEDIA_TYPE,
)
