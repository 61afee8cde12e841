"""Problem details as this contract writes them; its client refuses an error whose `code` does not fit its status."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest

from feedbackhub.api.errors import STATUS, ApiError, ErrorReply, Kind

MEDIA_TYPE = "application/problem+json"
CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    422: "unprocessable_entity",
    429: "too_many_requests",
    500: "internal_server_error",
    503: "service_unavailable",
}
# A body too large or of another type is a bad request here: the client has no type for 413 and 415.
STATUSES = {**STATUS, Kind.TOO_LARGE: 400, Kind.UNSUPPORTED_MEDIA_TYPE: 400, Kind.REFUSED: 422}
SHORT = 100

ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["title", "status", "detail", "code", "error"],
    "additionalProperties": False,
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "requestId": {"type": "string"},
        "code": {"enum": sorted(CODES.values())},
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"enum": sorted(CODES.values())},
                "message": {"type": "string", "maxLength": SHORT},
            },
        },
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("detail", "pointer", "name", "reason")},
            },
        },
    },
}


def render_error(error: ApiError, request: HttpRequest) -> ErrorReply:
    status = STATUSES[error.kind]
    body: dict[str, Any] = {
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": error.message,
        "instance": request.path,
        "requestId": getattr(request, "request_id", ""),
        "code": CODES[status],
        "error": {"code": CODES[status], "message": _short(error.message)},
    }
    if error.problems:
        body["errors"] = [
            {
                "detail": each.message,
                "pointer": "/" + each.name.replace(".", "/"),
                "name": each.name,
                "reason": each.message,
            }
            for each in error.problems
        ]
    return ErrorReply(status, body, MEDIA_TYPE)


def _short(text: str) -> str:
    """The legacy message is cut to 100 characters, an ellipsis included."""
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"
