"""Somebody who calls one of the contracts that live here, with a key where that contract carries it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.test import Client

from accounts.domain import actors, keys
from accounts.models import Account
from feedback.api.buildbetter.contract import BUILDBETTER
from feedback.api.hub.contract import HUB
from feedback.api.inkeep.contract import INKEEP
from feedback.api.leadping.contract import LEADPING
from feedbackhub.api.contract import Contract
from tests import clients

CONTRACTS = {"/v1": HUB, "/v3/rest": BUILDBETTER, "/leadping": LEADPING, "/inkeep": INKEEP}
# Whose documents say all that is taken.
DOCUMENTED = ("/v3/rest", "/leadping")


@dataclass
class Caller:
    """`base` is put before every path; the body is JSON unless it is bytes.

    Every answer below a contract's mount is checked against the contract and its OpenAPI document, unasked; so is what
    was taken, unless a test says that it is `undocumented` on purpose.
    """

    base: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> HttpResponse:
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        media_type = options.pop("content_type", "application/json")
        undocumented = options.pop("undocumented", False)
        # Named as a header as well: Django's client drops the type of an empty body.
        options["headers"] = {"Content-Type": media_type, **self.headers, **options.pop("headers", {})}
        options["content_type"] = media_type
        whole = f"{self.base}{path}"
        response = Client(raise_request_exception=False).generic(method, whole, data, **options)
        if contract := self.contract(path, response):
            clients.check(contract, method, whole, response)
        if self.base in DOCUMENTED and response.status_code < 300 and not undocumented:
            clients.check_taken(CONTRACTS[self.base], method, whole, media_type.partition(";")[0], data)
        return response

    def contract(self, path: str, response: HttpResponse) -> Contract | None:
        """Whose answer it is; at the root the errors of the two differ in their members."""
        if not self.base and path.startswith("/feedback"):
            return INKEEP if response.status_code >= 400 and b'"code"' in response.content else LEADPING
        return CONTRACTS.get(self.base)

    def get(self, path: str, **options: Any) -> HttpResponse:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> HttpResponse:
        return self.call("POST", path, body, **options)

    def put(self, path: str, body: Any = None, **options: Any) -> HttpResponse:
        return self.call("PUT", path, body, **options)

    def patch(self, path: str, body: Any = None, **options: Any) -> HttpResponse:
        return self.call("PATCH", path, body, **options)

    def delete(self, path: str, **options: Any) -> HttpResponse:
        return self.call("DELETE", path, **options)


def secret_of(account: Account, *scopes: str) -> str:
    return keys.issue(account=account, name="Shop", scopes=scopes or ("*",), actor=actors.SYSTEM).secret


def bearer(secret: str, base: str, **headers: str) -> Caller:
    return Caller(base, {"Authorization": f"Bearer {secret}", **headers})


# What no contract may take: a body, and why it is hostile.
HOSTILE_BODIES = {
    "not JSON": b"{",
    "empty": b"",
    "two values": b"{} {}",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "not UTF-8": b'{"a": "\xff"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "nested deeply": b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}",
    "nested very deeply": b"[" * 100_000 + b"]" * 100_000,
    "a member twice": b'{"a": 1, "a": 2}',
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": -Infinity}',
    "a number beyond doubles": b'{"a": 1e999}',
    "an integer of 20 digits": b'{"a": 12345678901234567890}',
    "NUL in a value": b'{"a": "\\u0000"}',
    "NUL in a key": b'{"\\u0000": 1}',
    "a lone surrogate": b'{"a": "\\ud800"}',
    "a list": b"[]",
    "a text": b'"hello"',
    "null": b"null",
}
