"""Problem details as this contract writes them: RFC 9457 with `traceId`, and `errors` by member for validation."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest

from feedbackhub.api.errors import STATUS, ApiError, ErrorReply, Kind

MEDIA_TYPE = "application/problem+json"
RFC9110 = "https://tools.ietf.org/html/rfc9110#section-"
TYPES = {
    400: f"{RFC9110}15.5.1",
    401: f"{RFC9110}15.5.2",
    403: f"{RFC9110}15.5.4",
    404: f"{RFC9110}15.5.5",
    405: f"{RFC9110}15.5.6",
    409: f"{RFC9110}15.5.10",
    415: f"{RFC9110}15.5.16",
    422: f"{RFC9110}15.5.21",
    429: "https://tools.ietf.org/html/rfc6585#section-4",
    500: f"{RFC9110}15.6.1",
    503: f"{RFC9110}15.6.4",
}
# The client reads the body of a 400 only, so a body too large and a refusal are validation errors like all others.
STATUSES = {**STATUS, Kind.TOO_LARGE: 400, Kind.REFUSED: 400}
VALIDATION_TITLE = "One or more validation errors occurred."
# The hub's names of what triage changes, as this contract calls them.
MEMBERS = {
    "admin_note": "adminNote",
    "external_issue_url": "externalIssueUrl",
    "duplicate_of": "duplicateOfFeedbackItemId",
}

ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "traceId"],
    "additionalProperties": False,
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "traceId": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    },
}


def render_error(error: ApiError, request: HttpRequest) -> ErrorReply:
    status = STATUSES[error.kind]
    body: dict[str, Any] = {
        "type": TYPES[status],
        "title": VALIDATION_TITLE if error.problems else HTTPStatus(status).phrase,
        "status": status,
        "detail": error.message,
        "instance": request.path,
        "traceId": getattr(request, "request_id", ""),
    }
    if error.problems:
        by_member: dict[str, list[str]] = {}
        for each in error.problems:
            by_member.setdefault(MEMBERS.get(each.name, each.name), []).append(each.message)
        body["errors"] = by_member
    return ErrorReply(status, body, MEDIA_TYPE)
