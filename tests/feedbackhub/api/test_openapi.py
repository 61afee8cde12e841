"""One document per contract."""

from __future__ import annotations

import json

import pytest
from django.conf import settings
from jsonschema import Draft202012Validator

from feedbackhub.api import mounts
from feedbackhub.api.openapi import document
from feedbackhub.management.commands.emit_openapi import FOLDER, emitted
from tests.feedbackhub.api import fake

MOUNTED = mounts._mounted(settings.ROOT_URLCONF)


@pytest.mark.parametrize("contract", MOUNTED, ids=lambda contract: contract.name)
def test_the_committed_document_is_fresh(contract):
    committed = (FOLDER / f"{contract.name}.json").read_text()

    assert committed == emitted(contract), "run manage.py emit_openapi and review the difference"


def test_no_committed_document_is_left_over():
    assert {path.stem for path in FOLDER.glob("*.json")} == {contract.name for contract in MOUNTED}


@pytest.fixture
def fakes(settings) -> dict:
    settings.ROOT_URLCONF = "tests.feedbackhub.api.fake"
    return document(fake.CONTRACT)


def test_every_route_of_the_contract_is_in_it_but_no_alias(fakes: dict):
    assert list(fakes["paths"]) == [
        "/fake/search", "/fake/sleep", "/fake/things", "/fake/things/{id}", "/fake/unspeakable",
    ]  # fmt: skip
    assert set(fakes["paths"]["/fake/things"]) == {"get", "post"}


def test_every_operation_has_the_key_and_the_error_of_the_contract(fakes: dict):
    for operations in fakes["paths"].values():
        for operation in operations.values():
            assert operation["security"] == [{"key": []}]
            assert operation["responses"]["default"] == {"$ref": "#/components/responses/Error"}
    assert fakes["components"]["securitySchemes"] == {"key": {"type": "http", "scheme": "bearer"}}
    assert fakes["components"]["schemas"]["Error"] == fake.CONTRACT.error_schema
    assert list(fakes["components"]["responses"]["Error"]["content"]) == ["application/problem+json"]


def test_an_error_that_an_action_describes_has_the_media_type_of_errors(fakes: dict):
    described = fakes["paths"]["/fake/things"]["post"]["responses"]["409"]

    assert described["content"] == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Error"}}}


def test_shapes_become_components(fakes: dict):
    things = fakes["paths"]["/fake/things"]

    answer = things["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    asked = things["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert answer == {"$ref": "#/components/schemas/Who"}
    assert asked == {"$ref": "#/components/schemas/Rename"}
    assert fakes["components"]["schemas"]["Rename"]["required"] == ["name"]
    assert fakes["components"]["schemas"]["Renamed"]["description"] == "What it is called now."
    assert things["get"]["parameters"] == [
        {"in": "query", "name": "q", "schema": {"type": "integer"}, "description": "Not used."}
    ]


def test_what_is_not_described_yet_is_not_guessed(fakes: dict):
    operation = fakes["paths"]["/fake/search"]["post"]

    assert operation["operationId"] == "fake_search_search"
    assert list(operation["responses"]) == ["2XX", "default"]


@pytest.mark.django_db
def test_the_text_is_the_same_before_and_after_calls(settings, stranger):
    settings.ROOT_URLCONF = "tests.feedbackhub.api.fake"
    before = emitted(fake.CONTRACT)
    stranger.get("/fake/things")

    assert emitted(fake.CONTRACT) == before
    assert json.loads(emitted(fake.CONTRACT))["info"]["title"] == "A fake contract"


@pytest.mark.parametrize("contract", MOUNTED, ids=lambda contract: contract.name)
def test_the_schemas_are_schemas(contract):
    Draft202012Validator.check_schema(contract.error_schema)
    for schema in document(contract)["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
