"""What holds for every operation of every contract, whatever it does: seen through the checking client.

Paths come from the documents, so an operation that is added is in here by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.http import HttpResponse

from accounts.models import Account
from feedbackhub.api import mounts
from feedbackhub.api.contract import Contract
from feedbackhub.api.openapi import document
from tests.clients import ContractClient, caller_of, stranger

pytestmark = pytest.mark.django_db
MOUNTED = mounts._mounted(settings.ROOT_URLCONF)


def operations() -> Iterator[tuple[Contract, str, str]]:
    for contract in MOUNTED:
        for path, methods in document(contract)["paths"].items():
            for method in methods:
                yield contract, method.upper(), path


OPERATIONS = list(operations())
BODIES = [each for each in OPERATIONS if each[1] in ("POST", "PUT", "PATCH")]
WITH_IDS = [each for each in OPERATIONS if "{" in each[2]]


def named(value: object) -> str:
    return value.name if isinstance(value, Contract) else str(value)


def filled(path: str, id: str = "01890a5d-ac96-774b-bcce-b302099a8057") -> str:
    """The path with an id in place; numeric where only digits route."""
    return re.sub(r"\{[^}]*\}", id, path)


HOSTILE = {
    "nothing": b"",
    "not JSON": b"{",
    "not UTF-8": b'{"a": "\xff"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "deep": b'{"a":' * 40 + b"1" + b"}" * 40,
    "very deep": b"[" * 100_000,
    "a member twice": b'{"a": 1, "a": 1}',
    "NaN": b'{"a": NaN}',
    "infinity": b'{"a": 1e999}',
    "a huge integer": b'{"a": 1' + b"0" * 5000 + b"}",
    "NUL": b'{"a": "x\\u0000"}',
    "NUL in a key": b'{"a": {"\\u0000": 1}}',
    "a lone surrogate": b'{"a": "\\ud800"}',
    "trailing data": b"{} {}",
    "an array": b"[]",
    "a string": b'"x"',
    "null": b"null",
}


def not_configured(response: HttpResponse) -> bool:
    """What needs a part that the hub does not have says so before it looks at the call, and that nobody need retry."""
    return response.status_code == 503 and response.get("x-should-retry") == "false"


def refused(response: HttpResponse, what: str) -> None:
    if not_configured(response):
        return
    assert 400 <= response.status_code < 500, f"{what}: {response.status_code} {response.content[:200]!r}"


@pytest.mark.parametrize(("contract", "method", "path"), OPERATIONS, ids=named)
def test_a_stranger_is_a_401(contract: Contract, method: str, path: str):
    response = stranger(contract).call(method, filled(path), {})

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == contract.challenge


@pytest.mark.parametrize(("contract", "method", "path"), BODIES, ids=named)
def test_hostile_bodies_are_refused(contract: Contract, method: str, path: str, account: Account):
    client = caller_of(contract, account)

    for what, body in HOSTILE.items():
        # An operation without a body of its own may ignore an absent one.
        if what != "nothing" or "{" not in path:
            refused(client.call(method, filled(path), body), what)


@pytest.mark.parametrize(("contract", "method", "path"), BODIES, ids=named)
def test_a_body_of_another_type_or_size_is_refused(contract: Contract, method: str, path: str, account: Account):
    client = caller_of(contract, account)

    for content_type in ("text/html", "multipart/form-data; boundary=x", "application/json; charset=utf-16"):
        refused(client.call(method, filled(path), b"{}", content_type=content_type), content_type)
    refused(client.call(method, filled(path), b"[" * (contract.max_body_bytes + 1)), "too large")


@pytest.mark.parametrize(("contract", "method", "path"), OPERATIONS, ids=named)
def test_text_that_cannot_be_stored_is_refused_in_the_query(
    contract: Contract, method: str, path: str, account: Account
):
    client = caller_of(contract, account)

    for query in ("a=%00", "a=%FF", "%00=a", "&".join(["a=1"] * 1001)):
        refused(client.call(method, f"{filled(path)}?{query}", {}), query[:20])


@pytest.mark.parametrize(("contract", "method", "path"), WITH_IDS, ids=named)
@pytest.mark.parametrize(
    "id", ["7", "9" * 30, "x" * 3000, "%00", "%FF", "%F0%9F%98%80", "..", "a%2Fb", "%27%20OR%201=1--"]
)
def test_strange_ids_are_nobodys(contract: Contract, method: str, path: str, id: str, account: Account):
    response = caller_of(contract, account).call(method, filled(path, id), {})

    assert response.status_code < 500 or not_configured(response)


@pytest.mark.parametrize(("contract", "method", "path"), OPERATIONS, ids=named)
def test_a_method_not_served_says_what_is(contract: Contract, method: str, path: str, account: Account):
    response = caller_of(contract, account).call("BREW", filled(path, "7"))

    assert response.status_code in (404, 405)
    if response.status_code == 405:
        assert method in response["Allow"]


@pytest.mark.parametrize("contract", MOUNTED, ids=named)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_address_that_nobody_serves(contract: Contract, method: str, account: Account):
    client: ContractClient = caller_of(contract, account)

    for prefix in contract.prefixes:
        assert client.call(method, f"{prefix}/nowhere/at/all", {}).status_code in (401, 404)


@pytest.mark.parametrize(("contract", "method", "path"), BODIES, ids=named)
def test_an_idempotency_key_that_is_none_is_refused_on_post(
    contract: Contract, method: str, path: str, account: Account
):
    if method == "POST":
        response = caller_of(contract, account).post(filled(path), {}, headers={"Idempotency-Key": "x" * 256})

        assert response.status_code in (400, 401, 404)
