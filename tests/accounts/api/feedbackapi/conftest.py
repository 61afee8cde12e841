"""Callers of the FeedbackAPI mount."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.domain import actors, keys
from accounts.models import Account
from tests.accounts.factories import agency as make_agency
from tests.feedbackapi import check

FORM = "application/x-www-form-urlencoded"


@dataclass
class Caller:
    """Calls with a key as the Basic user name, like the document's `curl -u key:`."""

    secret: str
    account: Account
    headers: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, body: bytes = b"", content_type: str = FORM) -> HttpResponse:
        basic = base64.b64encode(f"{self.secret}:".encode()).decode()
        headers = {"Authorization": f"Basic {basic}", **self.headers}
        client = Client(raise_request_exception=False)
        response = client.generic(method, f"/v1.3/{path}", body, content_type=content_type, headers=headers)
        check(method, path, response, body, content_type)
        return response

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self.call("GET", f"{path}?{urlencode(query)}" if query else path)

    def delete(self, path: str) -> HttpResponse:
        return self.call("DELETE", path)

    def form(self, path: str, body: str) -> HttpResponse:
        """As `curl -d a -d b`: the parts joined with &, nothing escaped."""
        return self.call("POST", path, body.encode())

    def json(self, path: str, body: Any, content_type: str = "application/json") -> HttpResponse:
        return self.call("POST", path, json.dumps(body).encode(), content_type)


def caller_of(account: Account, **options: Any) -> Caller:
    return Caller(keys.issue(account=account, name="Program", actor=actors.SYSTEM, **options).secret, account)


@pytest.fixture
def agency(db: None) -> Account:
    return make_agency()


@pytest.fixture
def agent(agency: Account) -> Caller:
    """Holds the agency's key."""
    return caller_of(agency, agency=True)


@pytest.fixture
def caller(account: Account) -> Caller:
    """Holds a key of Alice's account."""
    return caller_of(account)
