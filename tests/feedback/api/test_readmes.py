"""What a contract's README says is served is served, and what it says is refused is not."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.urls import get_resolver

from tests.feedback.api.callers import Caller

FOLDER = Path(__file__).resolve().parents[3] / "feedback" / "api"
CONTRACTS = ("buildbetter", "hub", "inkeep", "leadping")
ENDPOINT = re.compile(r"^- `([A-Z]+) (/\S+)`$", re.MULTILINE)
# What a pattern's id is called in a README.
GROUP = re.compile(r"\(\?P<\w+>[^)]*\)")


def endpoints(contract: str, heading: str) -> list[tuple[str, str]]:
    text = (FOLDER / contract / "README.md").read_text()
    section = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    found = ENDPOINT.findall(section)
    assert found, f"{contract} lists nothing under {heading}"
    return found


def routes(contract: str) -> set[tuple[str, str]]:
    """Method and address of every view of the contract, from the mounted URLs."""
    found = set()
    for pattern, view in _views(get_resolver().url_patterns, ""):
        if view.__module__.startswith(f"feedback.api.{contract}.") and hasattr(view, "actions"):
            address = "/" + GROUP.sub("{id}", pattern).replace("^", "").removesuffix("$").removesuffix("/?")
            found |= {(method.upper(), address) for method in view.actions if method != "head"}
    return found


def _views(patterns, prefix):
    for each in patterns:
        path = prefix + str(each.pattern)
        if hasattr(each, "url_patterns"):
            yield from _views(each.url_patterns, path)
        else:
            yield path, each.callback


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_readme_lists_exactly_what_is_routed(contract):
    elsewhere = {("GET", "/health"), ("GET", "/openapi.json"), ("GET", "/openapi.yaml"), ("POST", "/feedback")}
    parts = ("With a sentence model", "Not configured") if contract == "hub" else ()
    also = [each for part in parts for each in endpoints(contract, part)]
    assert {*endpoints(contract, "Served"), *also} - elsewhere == routes(contract)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_what_is_served_answers_and_what_is_refused_does_not(contract, hub, secret):
    headers = {"Authorization": f"Bearer {secret}", "X-BuildBetter-Api-Key": secret}
    caller = Caller("", headers)
    for method, address in endpoints(contract, "Served"):
        answer = caller.call(method, urlsplit(address.replace("{id}", "1")).path, {})
        assert answer.status_code not in (405, 500), (method, address)
        assert b"nothing at this address" not in answer.content, (method, address)
    for method, address in endpoints(contract, "Refused on purpose"):
        assert caller.call(method, address.replace("{id}", "1"), {}).status_code in (404, 405), (method, address)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_contract_has_the_same_files(contract):
    names = {path.name for path in (FOLDER / contract).iterdir()}
    assert {"README.md", "contract.py", "errors.py", "urls.py", "views.py", "wire.py"} <= names
