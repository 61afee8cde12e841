"""Errors of this contract: `error` with a code, and the message at the top as well, so that either reading works."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from feedbackhub.api.errors import STATUS, ApiError, ErrorReply, Kind

CODES = {
    Kind.MALFORMED: "bad_request",
    Kind.INVALID: "bad_request",
    Kind.UNAUTHORIZED: "unauthorized",
    Kind.FORBIDDEN: "forbidden",
    Kind.NOT_FOUND: "not_found",
    Kind.METHOD_NOT_ALLOWED: "method_not_allowed",
    Kind.CONFLICT: "conflict",
    Kind.TOO_LARGE: "payload_too_large",
    Kind.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
    Kind.UNPROCESSABLE: "unprocessable_entity",
    Kind.REFUSED: "conflict",
    Kind.RATE_LIMITED: "rate_limited",
    Kind.UNAVAILABLE: "service_unavailable",
    Kind.INTERNAL: "internal_server_error",
}
STATUSES = {**STATUS, Kind.REFUSED: 409}

ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["error", "message"],
    "additionalProperties": False,
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "details"],
            "additionalProperties": False,
            "properties": {
                "code": {"enum": sorted(set(CODES.values()))},
                "message": {"type": "string"},
                "details": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["field", "message"],
                        "properties": {
                            "field": {"type": "string"},
                            "message": {"type": "string"},
                            "id": {"description": "Of the record that is in the way.", "type": ["integer", "null"]},
                        },
                    },
                },
            },
        },
        "message": {"type": "string"},
    },
}


def render_error(error: ApiError, request: HttpRequest) -> ErrorReply:
    details: list[dict[str, Any]] = [{"field": each.name, "message": each.message} for each in error.problems]
    if error.kind is Kind.CONFLICT and "id" in error.details:
        # Best practice of the original: look the record up, then update it.
        for detail in details:
            detail["id"] = error.details["id"]
    body = {
        "error": {"code": CODES[error.kind], "message": error.message, "details": details},
        "message": error.message,
    }
    return ErrorReply(STATUSES[error.kind], body)
