"""Everything that can go wrong in a call, as one `ApiError`, and the one table that makes it of any exception.

A contract's `errors.py` decides the status and the body: `render_error(error, request) -> ErrorReply`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import structlog
from django.core import exceptions as django_errors
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from rest_framework import exceptions as drf_errors

from feedbackhub import errors as hub_errors
from feedbackhub.api.encoding import encode
from feedbackhub.errors import FieldProblem

if TYPE_CHECKING:
    from feedbackhub.api.contract import Contract

log = structlog.get_logger(__name__)


class Kind(StrEnum):
    """What went wrong, without a status code: contracts differ in those."""

    MALFORMED = "malformed"
    INVALID = "invalid"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    # An Idempotency-Key that was used for another body.
    UNPROCESSABLE = "unprocessable"
    # Valid, but it cannot be done: a limit is reached, the customer opted out.
    REFUSED = "refused"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


# What most contracts answer; a contract that differs has its own table.
STATUS: dict[Kind, int] = {
    Kind.MALFORMED: 400,
    Kind.INVALID: 400,
    Kind.UNAUTHORIZED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.METHOD_NOT_ALLOWED: 405,
    Kind.CONFLICT: 409,
    Kind.TOO_LARGE: 413,
    Kind.UNSUPPORTED_MEDIA_TYPE: 415,
    Kind.UNPROCESSABLE: 422,
    Kind.REFUSED: 402,
    Kind.RATE_LIMITED: 429,
    Kind.UNAVAILABLE: 503,
    Kind.INTERNAL: 500,
}

INTERNAL_TEXT = "Something went wrong on our side. It has been logged under the request id."
UNAVAILABLE_TEXT = "The hub cannot answer this right now. Repeat the call in a moment."


@dataclass
class ApiError(Exception):
    """One refused call. `problems` names the fields at fault, `headers` go out with the answer.

    `cause` is the domain's error, for contracts that tell its kinds apart (a BadReference, say).
    """

    kind: Kind
    message: str
    problems: list[FieldProblem] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    cause: Exception | None = None

    def __str__(self) -> str:
        return self.message


@dataclass
class ErrorReply:
    """A contract's answer to an ApiError."""

    status: int
    body: dict[str, Any]
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


def invalid(name: str, message: str) -> ApiError:
    """One field at fault."""
    return ApiError(Kind.INVALID, message, [FieldProblem(name, message)])


def malformed(message: str) -> ApiError:
    """The body as a whole cannot be read."""
    return ApiError(Kind.MALFORMED, message)


def render(error: ApiError, request: HttpRequest, contract: Contract) -> HttpResponse:
    """The contract's answer as a response."""
    reply = contract.render_error(error, request)
    response = HttpResponse(
        encode(reply.body),
        status=reply.status,
        content_type=reply.media_type,
        headers={**error.headers, **reply.headers},
    )
    if reply.status == 401:
        response.headers.setdefault("WWW-Authenticate", contract.challenge)
    return response


def translate(exc: Exception) -> ApiError:
    """Any exception as an ApiError: by the nearest class in TABLE, else INTERNAL, logged with its traceback."""
    if isinstance(exc, ApiError):
        return exc
    for cls in type(exc).__mro__:
        if cls in TABLE:
            error = TABLE[cls](exc)
            error.cause = exc
            return error
    log.error("api.unexpected_error", exc_info=exc)
    return ApiError(Kind.INTERNAL, INTERNAL_TEXT, cause=exc)


def _hub(kind: Kind) -> Callable[[Any], ApiError]:
    def convert(exc: hub_errors.HubError) -> ApiError:
        return ApiError(kind, exc.message, list(exc.problems), dict(exc.details))

    return convert


def _plain(kind: Kind, message: str) -> Callable[[Any], ApiError]:
    return lambda _exc: ApiError(kind, message)


def _logged(
    kind: Kind, message: str, *, event: str, headers: dict[str, str] | None = None
) -> Callable[[Any], ApiError]:
    """For errors that tell the caller little but whoever runs the hub much."""

    def convert(exc: Exception) -> ApiError:
        log.warning(event, exc_info=exc)
        return ApiError(kind, message, headers=dict(headers or {}))

    return convert


def _drf(kind: Kind) -> Callable[[Any], ApiError]:
    def convert(exc: drf_errors.APIException) -> ApiError:
        return ApiError(kind, str(exc.detail))

    return convert


def _drf_invalid(exc: drf_errors.ValidationError) -> ApiError:
    problems = list(_flatten(exc.detail))
    text = "; ".join(f"{each.name}: {each.message}" if each.name else each.message for each in problems)
    return ApiError(Kind.INVALID, text, [each for each in problems if each.name])


def _flatten(detail: Any, name: str = "") -> Iterator[FieldProblem]:
    if isinstance(detail, dict):
        for key, inner in detail.items():
            own = "" if key == "non_field_errors" else str(key)
            yield from _flatten(inner, ".".join(part for part in (name, own) if part))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _flatten(inner, name)
    else:
        yield FieldProblem(name, str(detail))


def _model_invalid(exc: django_errors.ValidationError) -> ApiError:
    by_field = exc.message_dict if hasattr(exc, "error_dict") else {"": exc.messages}
    problems = [
        FieldProblem("" if name == django_errors.NON_FIELD_ERRORS else name, message)
        for name, messages in by_field.items()
        for message in messages
    ]
    text = "; ".join(each.message for each in problems)
    return ApiError(Kind.INVALID, text, [each for each in problems if each.name])


UNREADABLE = "The request cannot be read."
TABLE: dict[type[BaseException], Callable[[Any], ApiError]] = {
    hub_errors.HubError: _hub(Kind.REFUSED),
    hub_errors.Invalid: _hub(Kind.INVALID),
    hub_errors.NotFound: _hub(Kind.NOT_FOUND),
    hub_errors.Conflict: _hub(Kind.CONFLICT),
    hub_errors.Refused: _hub(Kind.REFUSED),
    hub_errors.Forbidden: _hub(Kind.FORBIDDEN),
    drf_errors.APIException: _drf(Kind.MALFORMED),
    drf_errors.ParseError: _drf(Kind.MALFORMED),
    drf_errors.ValidationError: _drf_invalid,
    drf_errors.NotAuthenticated: _drf(Kind.UNAUTHORIZED),
    drf_errors.AuthenticationFailed: _drf(Kind.UNAUTHORIZED),
    drf_errors.PermissionDenied: _drf(Kind.FORBIDDEN),
    drf_errors.NotFound: _drf(Kind.NOT_FOUND),
    drf_errors.MethodNotAllowed: _drf(Kind.METHOD_NOT_ALLOWED),
    drf_errors.UnsupportedMediaType: _drf(Kind.UNSUPPORTED_MEDIA_TYPE),
    drf_errors.Throttled: _drf(Kind.RATE_LIMITED),
    django_errors.ValidationError: _model_invalid,
    django_errors.PermissionDenied: _plain(Kind.FORBIDDEN, "This is not allowed."),
    django_errors.RequestDataTooBig: _plain(Kind.TOO_LARGE, "The body is too large."),
    django_errors.TooManyFieldsSent: _plain(Kind.MALFORMED, "The request has too many fields."),
    django_errors.DisallowedHost: _plain(Kind.MALFORMED, "This host name is not served here."),
    django_errors.SuspiciousOperation: _plain(Kind.MALFORMED, UNREADABLE),
    django_errors.BadRequest: _plain(Kind.MALFORMED, UNREADABLE),
    UnreadablePostError: _plain(Kind.MALFORMED, "The body ended early."),
    Http404: _plain(Kind.NOT_FOUND, "There is nothing at this address."),
    UnicodeError: _logged(Kind.MALFORMED, "The request holds text that is not Unicode.", event="api.bad_text"),
    RecursionError: _logged(Kind.MALFORMED, "The body is nested too deeply.", event="api.too_deep"),
    # The database refused a value that a check before it should have caught: worth a look.
    DataError: _logged(Kind.INVALID, "A value is out of range or too long.", event="api.data_error"),
    OperationalError: _logged(
        Kind.UNAVAILABLE, UNAVAILABLE_TEXT, event="api.database_unavailable", headers={"Retry-After": "1"}
    ),
    InterfaceError: _logged(
        Kind.UNAVAILABLE, UNAVAILABLE_TEXT, event="api.database_unavailable", headers={"Retry-After": "1"}
    ),
}
