"""Requests made up from the emitted documents, good and bad, against the hub in this process.

Whatever they are, the answer is one that the document describes, in its shape and media type, and never a 5xx. A good
request may be refused, for an id that names nothing, say; a bad one that is taken is no news either, because a document
says less than the hub checks.

The seed is fixed and the examples are few: this runs with every suite. For a long run:
`SCHEMATHESIS_EXAMPLES=200 ./test tests/contracts/test_schemathesis.py`.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as how

from feedbackhub.api import mounts
from feedbackhub.management.commands.emit_openapi import FOLDER
from feedbackhub.wsgi import application
from tests import database
from tests.clients import key_headers
from tests.contracts import world

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "2"))
CONTRACTS = {contract.name: contract for contract in mounts._mounted(settings.ROOT_URLCONF)}


def operations() -> Iterator[tuple[str, str, str]]:
    for path in sorted(FOLDER.glob("*.json")):
        for address, methods in json.loads(path.read_text())["paths"].items():
            for method in methods:
                yield path.stem, method, address


@functools.cache
def document(name: str) -> Any:
    # Loading it takes a second, which only those who run these tests spend.
    import schemathesis

    found = schemathesis.openapi.from_dict(json.loads((FOLDER / f"{name}.json").read_text()))
    found.app = application
    return found


def promises(operation: Any) -> list[Any]:
    from schemathesis import checks
    from schemathesis.specs.openapi import checks as described

    # What needs something that is not installed says so, and its document does as well; a 500 never is right.
    unhurt = [] if "503" in operation.definition.raw["responses"] else [checks.not_a_server_error]
    return [
        *unhurt,
        described.status_code_conformance,
        described.content_type_conformance,
        described.response_headers_conformance,
        described.response_schema_conformance,
    ]


@pytest.fixture
def _own_connection() -> Iterator[None]:
    """As Django's test client does: a request would begin by closing the connection of the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def worlds(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, tuple[str, dict[str, Any]]]]:
    """A key and rows for every contract, made once; what a test does to them is rolled back as usual."""
    cache.clear()
    with django_db_blocker.unblock():
        yield {name: world.caller(contract) for name, contract in CONTRACTS.items()}
        database.delete_rows()


@pytest.mark.usefixtures("_own_connection", "db")
@pytest.mark.parametrize("mode", ["positive", "negative"])
@pytest.mark.parametrize(("name", "method", "address"), list(operations()))
def test_every_answer_is_described(worlds: Any, name: str, method: str, address: str, mode: str) -> None:
    from schemathesis.generation import GenerationMode

    secret, known = worlds[name]
    headers = key_headers(CONTRACTS[name], secret)
    operation = document(name)[address][method.upper()]

    @given(case=operation.as_strategy(generation_mode=GenerationMode(mode)))
    @how(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any) -> None:
        if mode == "positive":
            world.mean(case, known)
        response = case.call(headers=headers)
        assert response.status_code != 500
        case.validate_response(response, checks=promises(operation))

    ask()
