"""Every request gets an id, which its answer and every log line carry; machines that probe are answered at once."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from io import BytesIO

import structlog
from django.http import HttpRequest, HttpResponse

from feedbackhub import health
from feedbackhub.ids import uuid7
from feedbackhub.metrics import metrics

log = structlog.get_logger(__name__)
PRINTABLE = re.compile(r"[\x20-\x7e]{1,128}")
PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/livez": health.livez,
    "/readyz": health.readyz,
    "/metrics": metrics,
}
# Asked every few seconds by machines.
QUIET = frozenset({*PROBES, "/health"})


def request_id_for(request: HttpRequest) -> str:
    """The client's own X-Request-ID if it is at most 128 printable ASCII characters, else a new UUIDv7."""
    # From META: `request.headers` would be built of all headers, for each request anew.
    sent = request.META.get("HTTP_X_REQUEST_ID", "").strip()
    return sent if PRINTABLE.fullmatch(sent) else str(uuid7())


def request_context(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """First of all middleware, so that the others' errors carry the id too."""

    def middleware(request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        request_id = request.request_id = request_id_for(request)  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        response = get_response(request)
        response["X-Request-ID"] = request_id
        if _is_unread(request):
            # The web server ends such a connection; a caller that is not told loses its next call to it.
            response["Connection"] = "close"
        if request.path not in QUIET:
            _log(request, response, time.perf_counter() - started)
        return response

    return middleware


def probes(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Ahead of everything that looks at the host: a probe calls an address, and knows no name from ALLOWED_HOSTS."""

    def middleware(request: HttpRequest) -> HttpResponse:
        probe = PROBES.get(request.path) if request.method in ("GET", "HEAD") else None
        return get_response(request) if probe is None else probe(request)

    return middleware


def _is_unread(request: HttpRequest) -> bool:
    """Whether a body was announced and nobody read it, as with a wrong key. It is not read for politeness' sake:
    somebody without a key could keep a thread busy by sending it slowly.

    Only behind a web server that knows where a body ends (wsgi.input_terminated); others forbid the header to us.
    """
    meta = request.META
    # Chunked bodies are read ahead, by api/bodies.py.
    taken = request._read_started or isinstance(request._stream, BytesIO)  # type: ignore[attr-defined]
    if taken or not meta.get("wsgi.input_terminated"):
        return False
    return meta.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in meta


def _log(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """The route, not the path: landing and unsubscribe links are secrets, and ids are people."""
    match = request.resolver_match
    log.info(
        "request",
        method=str(request.method)[:20],
        route=match.route if match else "-",
        status=response.status_code,
        ms=round(seconds * 1000, 1),
    )
