"""The checking client complains about what it must."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from jsonschema_rs import ValidationError

from tests import clients
from tests.feedbackhub.api.fake import CONTRACT

PROBLEM = b'{"code":"x","detail":"x","fields":{},"request_id":"r"}'


def answer(content: bytes = b"{}", status: int = 200, media_type: str = "application/json", **headers: str):
    return HttpResponse(content, status=status, content_type=media_type, headers={"X-Request-ID": "r", **headers})


@pytest.fixture(autouse=True)
def _document(monkeypatch: pytest.MonkeyPatch) -> None:
    described = {
        "paths": {
            "/fake/things/{id}": {"get": {"responses": {"200": json_of("Thing"), "default": {"$ref": "x"}}}},
            "/fake/things/count": {"get": {"responses": {"2XX": {}}}},
        },
        "components": {
            "schemas": {"Thing": {"type": "object", "required": ["id"]}},
            "responses": {"Error": {"content": {"application/problem+json": {"schema": {"type": "object"}}}}},
        },
    }
    _forget()
    monkeypatch.setattr(clients, "document_of", lambda _name: clients._absolute(described))
    yield
    _forget()


def _forget() -> None:
    clients._registry.cache_clear()
    clients._validator.cache_clear()


def json_of(name: str) -> dict:
    return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}


@pytest.mark.parametrize(
    ("path", "response"),
    [
        ("/fake/things/7", answer(b'{"id": 1}')),
        ("/fake/things/7/?q=1", answer(b'{"id": 1}')),
        ("/fake/things/count", answer(b"[]")),
        ("/fake/elsewhere", answer(b"[]")),
        ("/fake/elsewhere", answer(b"OK", media_type="text/plain")),
        ("/fake/elsewhere", answer(b"", status=204)),
        ("/fake/things/7", answer(PROBLEM, status=404, media_type="application/problem+json; charset=utf-8")),
    ],
)
def test_good_answers_pass(path: str, response: HttpResponse):
    clients.check(CONTRACT, "GET", path, response)


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse(b"{}", content_type="application/json"),
        answer(b"<html>", media_type="text/html"),
        answer(b"", status=301),
        answer(b"{", 200),
        answer(b"x", status=204),
        answer(PROBLEM, status=404),
        answer(b"{}", status=404, media_type="application/problem+json"),
        # The document says that a thing has an id, and knows no 201.
        answer(b"{}"),
        answer(b'{"id": 1}', status=201),
    ],
)
def test_bad_answers_do_not(response: HttpResponse):
    with pytest.raises((AssertionError, ValueError, ValidationError)):
        clients.check(CONTRACT, "GET", "/fake/things/7", response)
