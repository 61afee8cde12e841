"""Problem details as this contract writes them, today's and the oldest."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, NamedTuple

from django.http import HttpRequest

from feedback.api.hub import generations
from feedback.api.hub.wire import REQUIRED, BadTimestamp
from feedback.domain.tenants import TenantBusy
from feedbackhub.api.errors import STATUS, ApiError, ErrorReply, Kind

MEDIA_TYPE = "application/problem+json"
TYPES = "https://hub.formbricks.com/problems/"
DETAIL_VALIDATION = "One or more request parameters are invalid"
DETAIL_BODY = "Invalid request body"

ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
    "additionalProperties": False,
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string"},
        "request_id": {"type": "string"},
        "details": {"type": "object"},
        "invalid_params": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "reason"],
                "additionalProperties": False,
                "properties": {"name": {"type": "string"}, "reason": {"type": "string"}},
            },
        },
        "errors": {
            "description": "For clients older than 0.5 only.",
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"location": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}


class Problem(NamedTuple):
    code: str
    detail: str = ""


# A detail given here replaces what the hub would say.
PROBLEMS = {
    Kind.MALFORMED: Problem("bad_request"),
    Kind.INVALID: Problem("validation", DETAIL_VALIDATION),
    Kind.UNAUTHORIZED: Problem("unauthorized"),
    Kind.FORBIDDEN: Problem("forbidden"),
    Kind.NOT_FOUND: Problem("not_found"),
    Kind.METHOD_NOT_ALLOWED: Problem("method_not_allowed"),
    Kind.CONFLICT: Problem("conflict"),
    Kind.TOO_LARGE: Problem("content_too_large", "request body too large"),
    Kind.UNSUPPORTED_MEDIA_TYPE: Problem("bad_request"),
    Kind.UNPROCESSABLE: Problem("bad_request"),
    Kind.REFUSED: Problem("forbidden"),
    Kind.RATE_LIMITED: Problem("bad_request"),
    Kind.UNAVAILABLE: Problem("service_unavailable"),
    Kind.INTERNAL: Problem("internal_server_error", "An unexpected error occurred"),
}
STATUSES = {**STATUS, Kind.REFUSED: 403}
UNAUTHORIZED_DETAILS = {
    "missing": "Missing Authorization header",
    "malformed": "Invalid Authorization header format. Expected: Bearer <api-key>",
    "empty": "API key is empty",
    "unknown": "Invalid API key",
}


def render_error(error: ApiError, request: HttpRequest) -> ErrorReply:
    """RFC 9457 with code, request_id and invalid_params; the oldest clients get about:blank and errors[]."""
    status = STATUSES[error.kind]
    problem = PROBLEMS[error.kind]
    detail = problem.detail or error.message
    title = HTTPStatus(status).phrase
    if error.kind is Kind.UNAUTHORIZED:
        detail = UNAUTHORIZED_DETAILS[error.details.get("reason", "unknown")]
    if isinstance(error.cause, BadTimestamp):
        problem = Problem("bad_request")
        detail = DETAIL_BODY
    elif isinstance(error.cause, TenantBusy):
        problem = Problem("tenant_write_conflict")
    elif error.kind is Kind.INVALID:
        title = "Validation Error"
    body: dict[str, Any] = {
        "type": TYPES + problem.code.replace("_", "-"),
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.path,
        "code": problem.code,
        "request_id": getattr(request, "request_id", ""),
    }
    if "resource_type" in error.details:
        body["details"] = {"resource_type": error.details["resource_type"]}
    if error.problems:
        body["invalid_params"] = [{"name": each.name, "reason": each.message} for each in error.problems]
    if generations.noted(request).legacy:
        _as_of_old(body, error)
    return ErrorReply(status, body, MEDIA_TYPE, _retry_headers(error))


def _retry_headers(error: ApiError) -> dict[str, str]:
    if isinstance(error.cause, TenantBusy):
        # Also keeps the answer from being remembered under an Idempotency-Key.
        return {"Retry-After": "1"}
    # Without it the official SDK repeats a duplicate twice before it gives up. With a Retry-After it may.
    return {"x-should-retry": "false"} if error.kind is Kind.CONFLICT and "Retry-After" not in error.headers else {}


def _as_of_old(body: dict[str, Any], error: ApiError) -> None:
    body["type"] = "about:blank"
    body["title"] = HTTPStatus(body["status"]).phrase
    if error.problems:
        first = error.problems[0]
        missing = f"Required field '{first.name}' is missing"
        body["detail"] = missing if first.message == REQUIRED else f"{first.name} {first.message}"
        body["errors"] = [{"location": each.name, "message": f"{each.name} {each.message}"} for each in error.problems]
