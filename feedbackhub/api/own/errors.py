"""Problem details (RFC 9457). A program looks at `code`, a person at `detail`, support at `request_id`."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest

from feedbackhub.api.errors import STATUS, ApiError, ErrorReply, Kind
from feedbackhub.errors import FieldProblem

MEDIA_TYPE = "application/problem+json"
STATUSES = {**STATUS, Kind.REFUSED: 409}
# Codes are the kinds' names, and these where one kind has several reasons.
REASONS = ("idempotency_key_busy", "idempotency_key_reused")

ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
    "additionalProperties": False,
    "properties": {
        "type": {"const": "about:blank"},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong and what to do, for people."},
        "instance": {"type": "string", "description": "The path that was called."},
        "code": {"enum": sorted({*Kind, *REASONS}), "description": "What is wrong, for programs; it does not change."},
        "request_id": {"type": "string"},
        "invalid_params": {
            "type": "array",
            "description": "The members and parameters at fault.",
            "items": {
                "type": "object",
                "required": ["name", "reason"],
                "additionalProperties": False,
                "properties": {"name": {"type": "string"}, "reason": {"type": "string"}},
            },
        },
    },
}


def render_error(error: ApiError, request: HttpRequest) -> ErrorReply:
    status = STATUSES[error.kind]
    reason = error.details.get("reason")
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": error.message,
        "instance": request.path,
        "code": reason if reason in REASONS else error.kind,
        "request_id": getattr(request, "request_id", ""),
    }
    if error.problems:
        body["invalid_params"] = named(error.problems)
    return ErrorReply(status, body, MEDIA_TYPE)


def named(problems: list[FieldProblem]) -> list[dict[str, str]]:
    """Problems as `invalid_params`."""
    return [{"name": each.name, "reason": each.message} for each in problems]
