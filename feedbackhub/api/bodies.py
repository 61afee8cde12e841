"""The size of a body, settled before anything reads it."""

from __future__ import annotations

from io import BytesIO

from django.http import HttpRequest

from feedbackhub.api.errors import ApiError, Kind

CHUNK = 64 * 1024
WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})


def bound(request: HttpRequest, limit: int) -> None:
    """ApiError TOO_LARGE for a body beyond `limit` bytes, by its declared length or, chunked, by reading so far."""
    declared = request.META.get("CONTENT_LENGTH") or ""
    if declared.isdecimal():
        if int(declared[:20]) > limit:
            raise _too_large(limit)
    elif request.method not in WITHOUT_BODY and request.META.get("wsgi.input_terminated"):
        _take_undeclared(request, limit)


def take(request: HttpRequest) -> None:
    """Read a body, already bound, that is larger than Django lets views have; its own limit is that of all the others.

    UnreadablePostError if the sender stops half-way.
    """
    request._body = request.read()
    request._stream = BytesIO(request._body)


def _take_undeclared(request: HttpRequest, limit: int) -> None:
    """A chunked body: Django takes one without a length for an empty one, so read it here and say how long it is."""
    stream = request.META["wsgi.input"]
    body = bytearray()
    while chunk := stream.read(min(CHUNK, limit + 1 - len(body))):
        body += chunk
        if len(body) > limit:
            raise _too_large(limit)
    request._stream = BytesIO(bytes(body))
    request.META["CONTENT_LENGTH"] = str(len(body))


def _too_large(limit: int) -> ApiError:
    return ApiError(Kind.TOO_LARGE, f"The body is larger than {limit} bytes.", details={"max_bytes": limit})
