"""The size of a body is settled before anything reads it."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.handlers.wsgi import WSGIRequest

from feedbackhub.api import bodies
from feedbackhub.api.errors import ApiError, Kind


class Dripping(BytesIO):
    """A socket: gives less than is asked for, and counts what it gave."""

    given = 0

    def read(self, size: int | None = -1) -> bytes:
        chunk = super().read(min(size or 0, 10))
        self.given += len(chunk)
        return chunk


def chunked(body: bytes, method: str = "POST", terminated: bool = True) -> tuple[WSGIRequest, Dripping]:
    stream = Dripping(body)
    environ = {"REQUEST_METHOD": method, "wsgi.input": stream, "HTTP_TRANSFER_ENCODING": "chunked"}
    return WSGIRequest({**environ, "wsgi.input_terminated": terminated}), stream


def test_a_chunked_body_is_read():
    request, _ = chunked(b"x" * 100)
    bodies.bound(request, 100)

    assert request.body == b"x" * 100
    assert request.META["CONTENT_LENGTH"] == "100"


def test_a_chunked_body_that_is_too_large_is_read_no_further_than_needed():
    request, stream = chunked(b"x" * 10_000)

    with pytest.raises(ApiError) as refused:
        bodies.bound(request, 100)

    assert refused.value.kind is Kind.TOO_LARGE
    assert stream.given == 101


def test_a_stream_without_an_end_is_left_alone():
    request, stream = chunked(b"x" * 100, terminated=False)
    bodies.bound(request, 100)

    assert stream.given == 0


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_body_that_nobody_reads_is_left_alone(method: str):
    request, stream = chunked(b"x" * 100, method)
    bodies.bound(request, 1)

    assert stream.given == 0


@pytest.mark.parametrize(("length", "refused"), [("100", False), ("101", True), ("9" * 5000, True), ("0", False)])
def test_a_declared_length_decides_before_reading(length: str, refused: bool):
    request = WSGIRequest({"REQUEST_METHOD": "POST", "wsgi.input": BytesIO(), "CONTENT_LENGTH": length})

    if refused:
        with pytest.raises(ApiError):
            bodies.bound(request, 100)
    else:
        bodies.bound(request, 100)
