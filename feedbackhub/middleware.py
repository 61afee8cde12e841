"""Every request gets an id; every response and log line carries it."""

from __future__ import annotations

import re
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from feedbackhub.ids import uuid7

PRINTABLE = re.compile(r"[\x21-\x7e]{1,128}")


def request_id_for(request: HttpRequest) -> str:
    """The client's own X-Request-ID if it is at most 128 printable ASCII characters, else a new UUIDv7."""
    sent = request.headers.get("X-Request-ID", "")
    return sent if PRINTABLE.fullmatch(sent) else str(uuid7())


def request_context(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        request.request_id = request_id_for(request)  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.request_id)  # type: ignore[attr-defined]
        response = get_response(request)
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        return response

    return middleware
