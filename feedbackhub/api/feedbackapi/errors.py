"""The flat error object of FeedbackAPI: type, message, param, request_id."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from feedbackhub.api.errors import STATUS, ApiError, ErrorReply, Kind
from feedbackhub.errors import Conflict

TYPE = {
    Kind.UNAUTHORIZED: "authentication_error",
    Kind.FORBIDDEN: "authentication_error",
    Kind.RATE_LIMITED: "rate_limit_error",
    Kind.UNAVAILABLE: "api_error",
    Kind.INTERNAL: "api_error",
}
# What to do about it, where the message itself says only what is wrong.
UNAUTHORIZED = "Send your API key as the user name of HTTP Basic, with an empty password."
NOT_FOUND = "Check the address and the id in it; what was deleted is not found either."
CHALLENGE = 'Basic realm="FeedbackAPI", charset="UTF-8"'
# The document knows no 403: a key that may not do this is not a valid key for it.
STATUSES = {**STATUS, Kind.FORBIDDEN: 401}

ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "type": {
            "type": "string",
            "enum": [
                "api_connection_error",
                "api_error",
                "authentication_error",
                "invalid_request_error",
                "rate_limit_error",
            ],
        },
        "message": {"type": "string", "description": "What is wrong and what to do about it."},
        "param": {"type": "string", "description": "The parameter at fault, when it is one."},
        "request_id": {"type": "string"},
    },
    "required": ["type", "message", "request_id"],
    "additionalProperties": False,
}


def render_error(error: ApiError, request: HttpRequest) -> ErrorReply:
    """One parameter is named, the first: the object has room for one."""
    message, param = error.message, ""
    if error.problems:
        param = error.problems[0].name
        message = _naming(param or "What has no name", error.problems[0].message)
    sentences = [message if message.endswith((".", "?")) else f"{message}.", _advice(error)]
    body = {
        "type": TYPE.get(error.kind, "invalid_request_error"),
        "message": " ".join(filter(None, sentences)),
        **({"param": param} if param else {}),
    }
    body["request_id"] = getattr(request, "request_id", "")
    status = _status(error)
    return ErrorReply(status, body, headers={"WWW-Authenticate": CHALLENGE} if status == 401 else {})


def _advice(error: ApiError) -> str | None:
    if error.kind == Kind.UNAUTHORIZED and "reason" in error.details:
        return UNAUTHORIZED
    return NOT_FOUND if error.kind == Kind.NOT_FOUND else None


def _status(error: ApiError) -> int:
    # A conflict of ours (two customers, a member twice) is the document's 402; a conflict of calls stays 409.
    return 402 if isinstance(error.cause, Conflict) else STATUSES[error.kind]


def _naming(name: str, message: str) -> str:
    """Messages of the kit start in the middle of a sentence: `must be a timestamp`."""
    return message if message[:1].isupper() else f"{name} {message}"
