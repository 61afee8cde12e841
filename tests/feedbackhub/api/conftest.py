"""A caller of the fake contract."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.domain import actors, keys
from accounts.models import Account


@dataclass
class Caller:
    """Calls /fake with a key."""

    secret: str
    headers: dict[str, str] = field(default_factory=dict)
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> HttpResponse:
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.secret}", **self.headers, **options.pop("headers", {})}
        options.setdefault("content_type", "application/json")
        return self.client.generic(method, path, data, headers=headers, **options)

    def get(self, path: str, **options: Any) -> HttpResponse:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> HttpResponse:
        return self.call("POST", path, body, **options)


def caller_of(account: Account, **options: Any) -> Caller:
    return Caller(keys.issue(account=account, name="Shop", actor=actors.SYSTEM, **options).secret)


@pytest.fixture(autouse=True)
def _fake_is_limited(settings) -> None:
    """A contract is known to scopes and limits by its setting."""
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "fake": 600}


@pytest.fixture
def caller(account: Account) -> Caller:
    """A key of Alice's account that may do everything."""
    return caller_of(account)


@pytest.fixture
def stranger() -> Caller:
    """Somebody without a key."""
    return Caller("fhub_" + "x" * 32)
