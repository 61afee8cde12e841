"""A caller of one wire contract that checks every answer, unasked.

    client = caller_of(HUB, account)
    record = client.post("/v1/feedback-records", {...}).json()

Each answer must carry X-Request-ID, be JSON (or say what else it is), never HTML; an error must have the contract's
media type and shape; and where docs/openapi/<contract>.json describes the operation, the answer must fit it.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, quote

from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from jsonschema_rs import Draft202012, Draft202012Validator, Registry

from accounts.domain import actors, keys
from accounts.models import Account
from feedbackhub.api.contract import Contract

DOCUMENT = "urn:document"


@dataclass
class ContractClient:
    """Calls one contract with one key; paths are whole, such as /v1/feedback-records."""

    contract: Contract
    secret: str
    # Sent with every call.
    headers: dict[str, str] = field(default_factory=dict)
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
        **environ: Any,
    ) -> HttpResponse:
        """`body` is sent as JSON, or as it is when it is bytes."""
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        sent = key_headers(self.contract, self.secret) | self.headers | (headers or {})
        response = self.client.generic(method, path, data, content_type, headers=sent, **environ)
        check(self.contract, method, path, response)
        return response

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


def caller_of(contract: Contract, account: Account, **key_options: Any) -> ContractClient:
    """A new key of the account; `key_options` go to keys.issue (scopes, agency, …)."""
    issued = keys.issue(account=account, name="Test", actor=actors.SYSTEM, **key_options)
    return ContractClient(contract, issued.secret)


def stranger(contract: Contract) -> ContractClient:
    """A well-formed key that nobody has."""
    return ContractClient(contract, "fhub_" + "x" * 32)


def key_headers(contract: Contract, secret: str) -> dict[str, str]:
    """The key where the contract's security scheme says."""
    scheme = contract.security_scheme
    if scheme["type"] == "apiKey":
        return {scheme["name"]: secret}
    if scheme["scheme"] == "basic":
        return {"Authorization": "Basic " + base64.b64encode(f"{secret}:".encode()).decode()}
    return {"Authorization": f"Bearer {secret}"}


def check(contract: Contract, method: str, path: str, response: HttpResponse) -> None:
    """Everything that holds for every answer of a contract; AssertionError says what does not."""
    assert response.get("X-Request-ID"), "no X-Request-ID"
    media_type = response.get("Content-Type", "").partition(";")[0]
    assert media_type != "text/html", f"HTML from {method} {path}"
    assert not 300 <= response.status_code < 400, f"{method} {path} redirects"
    if response.status_code >= 400:
        assert media_type == contract.error_media_type, f"an error as {media_type}"
    if getattr(response, "streaming", False):
        return
    if response.status_code == 204 or method == "HEAD":
        assert response.content == b"", "a body where there must be none"
        return
    if "json" not in media_type:
        return
    body = json.loads(response.content)
    if response.status_code >= 400:
        _error_validator(contract).validate(body)
    _check_against_document(contract, method, path, response.status_code, media_type, body)


def check_taken(contract: Contract, method: str, path: str, media_type: str, raw: bytes) -> None:
    """What a call that succeeded was made of is in the document: its parameters, and its body where that is JSON."""
    found = document_of(contract.name)
    address, _, query = path.partition("?")
    template = _template(found, address) if found else None
    operation = found["paths"][template].get(method.lower()) if found and template else None
    if operation is None:
        return
    known = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"}
    unknown = set(parse_qs(query, keep_blank_values=True)) - known
    assert not unknown, f"{method} {template} takes {unknown}, which its document does not know"
    described = operation.get("requestBody", {}).get("content", {})
    if raw and described:
        assert media_type in described, f"{method} {template} takes {media_type}, which its document does not know"
        if "json" in media_type:
            place = ("paths", template, method.lower(), "requestBody", "content", media_type, "schema")
            _validator(contract.name, *place).validate(json.loads(raw))


def _check_against_document(
    contract: Contract, method: str, path: str, status: int, media_type: str, body: Any
) -> None:
    found = document_of(contract.name)
    template = _template(found, path.partition("?")[0]) if found else None
    operation = found["paths"][template].get(method.lower()) if template else None
    if operation is None:
        return
    described = operation["responses"]
    code = next((each for each in (str(status), f"{status // 100}XX", "default") if each in described), None)
    assert code, f"{method} {template} answers {status}, which its document does not know"
    assert code != "default" or status >= 400, f"{method} {template} answers {status}, which its document does not know"
    place = ("paths", template, method.lower(), "responses", code)
    answer = described[code]
    if "$ref" in answer:
        place = ("components", "responses", "Error")
        answer = found["components"]["responses"]["Error"]
    if media_type not in answer.get("content", {}):
        assert not answer.get("content"), f"{method} {template} answers {status} as {media_type}"
        return
    _validator(contract.name, *place, "content", media_type, "schema").validate(body)


@cache
def document_of(name: str) -> dict[str, Any] | None:
    """The committed document, with its references made absolute."""
    path = settings.BASE_DIR / "docs" / "openapi" / f"{name}.json"
    return _absolute(json.loads(path.read_text())) if path.exists() else None


# Compiled once and in Rust: every answer of thousands of calls is checked.
@cache
def _validator(name: str, *place: str) -> Draft202012Validator:
    """Of the schema at that place of a contract's document."""
    pointer = "".join(f"/{quote(part.replace('~', '~0').replace('/', '~1'))}" for part in place)
    return Draft202012Validator({"$ref": f"{DOCUMENT}#{pointer}"}, registry=_registry(name))


@cache
def _registry(name: str) -> Registry:
    return Registry([(DOCUMENT, document_of(name))], draft=Draft202012)


@cache
def _error_validator(contract: Contract) -> Draft202012Validator:
    return Draft202012Validator(contract.error_schema)


def _absolute(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: f"{DOCUMENT}{value}" if key == "$ref" else _absolute(value) for key, value in node.items()}
    return [_absolute(value) for value in node] if isinstance(node, list) else node


def _template(found: dict[str, Any], path: str) -> str | None:
    """The most literal template of the document that fits."""
    if "{" not in path and path in found["paths"]:
        return path
    candidates = _templates(tuple(found["paths"]))
    return next((each for each in candidates if _pattern(each).fullmatch(path.rstrip("/"))), None)


@cache
def _templates(paths: tuple[str, ...]) -> list[str]:
    return sorted(paths, key=lambda template: (template.count("{"), template))


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile("".join("[^/]+" if part.startswith("{") else re.escape(part) for part in _parts(template)))


def _parts(template: str) -> list[str]:
    return re.split(r"(\{[^}]+\})", template.rstrip("/"))
