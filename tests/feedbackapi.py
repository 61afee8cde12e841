"""Callers of the FeedbackAPI mount, who check every answer against what the contract promises for all of them."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.domain import actors, keys
from accounts.models import Account
from feedbackhub.api.feedbackapi.contract import FEEDBACKAPI
from tests import clients

FORM = "application/x-www-form-urlencoded"
# How a body may be written; the samples of the document all use the first.
ENCODINGS = {"form": FORM, "json": "application/json", "vnd": "application/vnd.api+json"}
ALIASES = {"subscribers": "customers", "subscriber": "customers", "feedback-requests": "feedback-request"}
ERROR_KEYS = {"type", "message", "param", "request_id"}
ERROR_TYPES = {401: "authentication_error", 429: "rate_limit_error", 500: "api_error", 503: "api_error"}


def curl_form(fields: dict[str, Any]) -> str:
    """As `curl -d name=value` writes it: nothing is escaped, so that a + arrives as a blank."""
    pairs = []
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            text = str(one).lower() if isinstance(one, bool) else str(one)
            pairs.append(f"{name}[]={text}" if isinstance(value, list) else f"{name}={text}")
    return "&".join(pairs)


@dataclass
class FeedbackAPI:
    """A program with a key of one account. `encoding` is how it writes bodies."""

    secret: str
    encoding: str = "json"
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def encoded(self, encoding: str) -> FeedbackAPI:
        return FeedbackAPI(self.secret, encoding, self.client)

    def call(self, method: str, path: str, body: bytes | str = b"", type: str = "", **headers: str) -> HttpResponse:
        """Anything at all below /v1.3; the answer has been checked."""
        basic = base64.b64encode(f"{self.secret}:".encode()).decode()
        sent = {"Authorization": f"Basic {basic}", **{name.replace("_", "-"): text for name, text in headers.items()}}
        raw = body.encode() if isinstance(body, str) else body
        response = self.client.generic(method, f"/v1.3/{path}", raw, content_type=type, headers=sent)
        check(method, path, response, raw, type)
        return response

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.call("GET", path, **headers)

    def delete(self, path: str) -> HttpResponse:
        return self.call("DELETE", path)

    def post(
        self, path: str, fields: dict[str, Any] | None = None, method: str = "POST", **headers: str
    ) -> HttpResponse:
        written = curl_form if self.encoding == "form" else json.dumps
        return self.call(method, path, written(fields or {}), ENCODINGS[self.encoding], **headers)

    def ok(self, response: HttpResponse) -> Any:
        """The body of a success."""
        assert response.status_code == 200, response.content
        return response.json()

    def ids(self, path: str) -> list[str]:
        """The ids on a page of a list."""
        return [row["id"] for row in self.ok(self.get(path))["data"]]


def documented(path: str) -> str:
    """The path under the one of its noun's names that is in the OpenAPI document."""
    noun = re.match("[a-z-]*", path)
    name = noun[0] if noun else ""
    return f"/v1.3/{ALIASES.get(name, name)}{path[len(name) :]}"


def check(method: str, path: str, response: HttpResponse, raw: bytes = b"", type: str = "") -> None:
    """What every answer of the mount has, whatever was asked, and what its OpenAPI document says of this call."""
    clients.check(FEEDBACKAPI, method, documented(path), response)
    if response.status_code == 200:
        clients.check_taken(FEEDBACKAPI, method, documented(path), type.partition(";")[0], raw)
    assert response["Content-Type"] == "application/json"
    body = response.json()
    if response.status_code == 200:
        return
    assert response.status_code in {400, 401, 402, 404, 405, 409, 413, 415, 422, 429}, response.content
    assert set(body) <= ERROR_KEYS
    assert body["type"] == ERROR_TYPES.get(response.status_code, "invalid_request_error")
    assert body["message"]
    assert body["request_id"] == response["X-Request-ID"]
    assert ("WWW-Authenticate" in response.headers) == (response.status_code == 401)


def refused(response: HttpResponse, status: int, param: str | None = None) -> str:
    """The message of a refusal that has this status and names this parameter."""
    assert (response.status_code, response.json().get("param")) == (status, param), response.content
    return str(response.json()["message"])


def key_of(account: Account, name: str = "A program", **options: Any) -> FeedbackAPI:
    return FeedbackAPI(keys.issue(account=account, name=name, actor=actors.SYSTEM, **options).secret)


@pytest.fixture
def api(account: Account) -> FeedbackAPI:
    """A program of Alice's."""
    return key_of(account)


@pytest.fixture
def bobs_api(account: Account) -> FeedbackAPI:
    """A program of Bob's, on Alice's account."""
    return key_of(account, "Bob's program")


@pytest.fixture
def charlies_api(other_account: Account) -> FeedbackAPI:
    """A program of another account."""
    return key_of(other_account)


@pytest.fixture(params=list(ENCODINGS))
def each_api(request: pytest.FixtureRequest, api: FeedbackAPI) -> FeedbackAPI:
    """Alice's program, once per way of writing bodies."""
    return api.encoded(request.param)
