"""FeedbackAPI v1.3 as a contract of the kit."""

from __future__ import annotations

from feedbackhub.api.contract import Contract
from feedbackhub.api.credentials import basic_username
from feedbackhub.api.feedbackapi.errors import CHALLENGE, ERROR_SCHEMA, render_error

FEEDBACKAPI = Contract(
    name="feedbackapi",
    prefixes=("/v1.3",),
    read_key=basic_username,
    challenge=CHALLENGE,
    render_error=render_error,
    cors=True,
    title="FeedbackAPI v1.3",
    version="1.3",
    description="Customers, locations, reviews, feedback, feedback requests, client accounts and users.",
    error_schema=ERROR_SCHEMA,
    security_scheme={
        "type": "http",
        "scheme": "basic",
        "description": "The API key is the user name; the password is empty.",
    },
)
