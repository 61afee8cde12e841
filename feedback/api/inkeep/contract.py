"""The Inkeep analytics feedback contract as one value."""

from __future__ import annotations

from feedback.api.inkeep.errors import ERROR_SCHEMA, MEDIA_TYPE, render_error
from feedbackhub.api.contract import Contract
from feedbackhub.api.credentials import bearer

INKEEP = Contract(
    name="inkeep",
    prefixes=("/inkeep",),
    read_key=bearer,
    challenge="Bearer",
    render_error=render_error,
    # The 2 MB of the document, for the body as a whole.
    max_body_bytes=2 * 1024 * 1024,
    # Called from web pages as well, with a key that may only write.
    cors=True,
    title="Inkeep analytics feedback",
    error_schema=ERROR_SCHEMA,
    error_media_type=MEDIA_TYPE,
)
