"""Every API route, tried with the key of one tenant and the ids of another.

Routes come from the URL configuration, ids from a row of every model that a tenant owns: what somebody adds tomorrow is
tried as well, or a test here says what it lacks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any, TypeVar

import pytest
from django.http import HttpResponse

from crm.models import Customer
from feedback.models import FeedbackRecord
from feedbackhub.api.contract import Contract
from feedbackhub.api.openapi import document
from tests.clients import ContractClient
from tests.isolation import worlds
from tests.isolation.routes import Route, routes
from tests.isolation.worlds import World

T = TypeVar("T")

pytestmark = pytest.mark.django_db

# Views that read no row of anybody: whatever they are asked, they have nothing.
ROWLESS = {"Unrouted", "Enrichment", "Taxonomy"}
MOUNTED = [route for route in routes() if route.contract and route.view_name not in ROWLESS]
# One route per view and list of actions: an alias reads queries and bodies with the same code.
DISTINCT = list({(route.view_name, *route.methods.items()): route for route in MOUNTED}.values())
# A tenant within an account is a name that callers give: nobody's id, and in every account another one.
BY_NAME = [route for route in DISTINCT if "tenant_id" in route.path]
# Parameters that name no row, and what they may be.
NO_ROW = {"metric": "nps"}
# What a member or parameter is called that may tie one row to another.
REFERENCE = re.compile("location|subscriber|customer|template|campaign|account|user|source|person|compan|(^|_)ids?$")
WITH_IDS = [route for route in DISTINCT if set(route.parameters) - set(NO_ROW) and route not in BY_NAME]
# A body that the owner's call succeeds with: a 404 is then for the id. "view.action" of every write to an id.
BODIES: dict[str, dict[str, Any]] = {
    "AccountViewSet.update": {"name": "Renamed"},
    "CustomerViewSet.update": {"fname": "Renamed"},
    "LocationViewSet.update": {"name": "Renamed"},
    "FeedbackRecords.partial_update": {"value_text": "Changed"},
    "Webhooks.partial_update": {"enabled": False},
    "Settings.update": {"sentiment_enabled": True},
    "Settings.partial_update": {"sentiment_enabled": True},
    "Records.create": {"fields": [{"category": "content", "type": "string", "name": "q", "value": "said"}]},
    "Records.partial_update": {"external_id": "changed"},
    "FeedbackAdmin.update": {"status": "reviewed"},
    "Campaigns.change": {"state": "paused"},
}
# What a new row is made of; {location} and the like are the caller's own rows.
NEW: dict[str, dict[str, Any]] = {
    "AccountViewSet.create": {"name": "New"},
    "UserViewSet.create": {"email": "new@example.com"},
    "CustomerViewSet.create": {"email": "new@example.com", "location": "{Location}"},
    "LocationViewSet.create": {"name": "New", "country_code": "US", "postal_code": "1"},
    "FeedbackRequestViewSet.create": {"subscriber": "{Customer}", "template": "{MessageTemplate}"},
    "FeedbackRecords.create": {"field_id": "q", "field_type": "text", "source_type": "survey", "value_text": "x"},
    "Search.by_meaning": {"query": "It broke", "tenant_id": "t"},
    "Webhooks.create": {"url": "https://93.184.216.34/hook", "tenant_id": "t"},
    "Sources.create": {"name": "New", "type": "api"},
    "People.upsert": {"email": "new@example.com", "first_name": "New"},
    "Feedback.create": {"type": "bug", "message": "It broke", "allowContact": True},
    "FeedbackAdmin.search": {"search": "broke", "filters": [{"field": "status", "value": "new"}]},
    "Feedback.log": {"type": "positive", "messageId": "m"},
    "Answers.batch": {"field_id": "q", "field_type": "text", "source_type": "survey", "value_text": "x"},
    "Enrolments.create": {"campaign": "{Campaign}", "customer": "{Customer}"},
    "Queries.ask": {"select": [{"type": "field", "field": "id"}]},
    "Queries.export": {"select": [{"type": "field", "field": "id"}]},
    "Queries.keys": {"field": "properties"},
    "Queries.values": {"field": "properties", "key": "plan"},
}


@pytest.fixture(autouse=True)
def _no_limits(settings: Any) -> None:
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, 0)


def named(value: object) -> str:
    return value.path if isinstance(value, Route) else str(value)


def addresses(route: Route, world: World) -> Iterator[str]:
    """The route with every id of the world that the contract could mean; of two places, numbers only."""
    names = [name for name in route.parameters if name not in NO_ROW]
    ids = ids_for(route, world)
    if len(names) > 1:
        ids = [id for id in ids if id.isdecimal()]
    for chosen in product(ids, repeat=len(names)):
        yield route.filled(NO_ROW | dict(zip(names, chosen, strict=True)))


def ids_for(route: Route, world: World) -> list[str]:
    assert route.contract is not None
    return world.ids_of(route.contract)


def tried(names: list[str], ids: list[T]) -> Iterator[tuple[str, T]]:
    """Every id under every name that sounds like a row's, and under one of the others."""
    rows = [name for name in names if REFERENCE.search(name)]
    others = [name for name in names if name not in rows] or rows
    yield from product(rows, ids)
    yield from ((others[number % len(others)], id) for number, id in enumerate(ids) if others)
    # Each of the others at least once.
    yield from ((name, ids[number % len(ids)]) for number, name in enumerate(others))


def caller(world: World, route: Route) -> ContractClient:
    assert route.contract is not None
    return world.caller(route.contract, agency=route.view_name == "AccountViewSet")


def body_of(route: Route, method: str) -> dict[str, Any]:
    return BODIES.get(f"{route.view_name}.{route.methods[method]}", {})


def found_by_its_owner(route: Route, world: World) -> Iterator[str]:
    client = caller(world, route)
    return (address for address in addresses(route, world) if client.get(address).status_code == 200)


def shows(response: HttpResponse, hers: World, *sent: str) -> bool:
    """Whether the answer holds a word of hers; an id of hers that was sent may come back, in an error or as stored."""
    text = response.content.decode()
    for each in sorted(sent, key=len, reverse=True):
        text = text.replace(each, "")
    return hers.mark.lower() in text.lower()


def test_there_is_a_row_of_every_model_that_a_tenant_owns(hers: World):
    empty = {
        model.__name__ for model in worlds.tenant_owned() if not model.objects.filter(account=hers.account).exists()
    }
    # Made while sending, and of what rules have not looked at yet; by nobody's call.
    assert empty == {"SmsQuota", "UnsortedAnswer"}


def test_a_tie_across_accounts_is_found(hers: World, his: World):
    """Else the tests below would find none either."""
    record = hers.row(FeedbackRecord)
    FeedbackRecord.objects.filter(pk=record.pk).update(customer=his.row(Customer))
    assert worlds.ties_across_accounts() == [f"FeedbackRecord.customer {record.pk}"]


@pytest.mark.parametrize("route", WITH_IDS, ids=named)
def test_a_foreign_id_in_the_path_is_a_404_and_the_owners_call_succeeds(route: Route, hers: World, his: World):
    found = list(found_by_its_owner(route, hers))
    assert found, "no id of her rows is found by this route: add such a row to tests/isolation/worlds.py"
    before = worlds.versions(hers)
    client = caller(his, route)
    for method, address in product(route.methods, found):
        response = client.call(method, address, body_of(route, method))
        assert (response.status_code, shows(response, hers, address), method) == (404, False, method)
    assert before - worlds.versions(hers) == set()
    # Else a broken body would be enough for all that.
    client = caller(hers, route)
    for method in sorted(route.methods, key=lambda method: method == "DELETE"):
        response = client.call(method, found[0], body_of(route, method))
        assert response.status_code in (200, 201, 202, 204), (method, response.content)


@pytest.mark.parametrize("route", BY_NAME, ids=named)
def test_a_tenant_of_the_same_name_is_another_tenant(route: Route, hers: World, his: World):
    before = worlds.versions(hers)
    address = route.path.replace("<tenant_id>", hers.mark)
    for method in route.methods:
        response = caller(his, route).call(method, address, body_of(route, method))
        assert (response.status_code in (200, 202), shows(response, hers, hers.mark)) == (True, False), method
    assert before - worlds.versions(hers) == set()
    assert worlds.ties_across_accounts() == []


@pytest.mark.parametrize("route", [route for route in DISTINCT if "GET" in route.methods], ids=named)
def test_a_foreign_id_in_the_query_shows_nothing(route: Route, hers: World, his: World):
    before = worlds.versions(hers)
    client = caller(his, route)
    address = next(found_by_its_owner(route, his)) if route.parameters else route.path
    for name, id in [("", ""), *tried(queries(route), ids_for(route, hers))]:
        response = client.get(f"{address}?{name}={id}" if name else address)
        shown = shows(response, hers, id) if id else shows(response, hers)
        assert (response.status_code in (200, 400, 404), shown) == (True, False), (name, id)
    assert before - worlds.versions(hers) == set()


# An action that two methods lead to takes the same body.
WRITES = list(
    {
        (route.view_name, action): (route, method)
        for route in DISTINCT
        for method, action in route.methods.items()
        if method in ("POST", "PUT", "PATCH")
    }.values()
)


@pytest.mark.parametrize(("route", "method"), WRITES, ids=named)
def test_a_foreign_id_in_the_body_ties_nothing_to_it(route: Route, method: str, hers: World, his: World):
    before = worlds.versions(hers)
    client = caller(his, route)
    address = next(found_by_its_owner(route, his)) if route.parameters else route.path
    whole = own_body(route, method, his)
    # A body of many is tried with one.
    many = "items" in body_schema(route, method)
    numbers = [int(id) for id in hers.ids if id.isdecimal()]
    for name, value in tried(members(route, method), [*hers.ids, hers.ids, *numbers, numbers]):
        body = {**whole, name: value}
        response = client.call(method, address, [body] if many else body)
        assert (response.status_code < 500, shows(response, hers, *hers.ids)) == (True, False), (name, value)
    assert worlds.ties_across_accounts() == []
    assert before - worlds.versions(hers) == set()


def own_body(route: Route, method: str, world: World) -> dict[str, Any]:
    action = f"{route.view_name}.{route.methods[method]}"
    assert action in NEW or action in BODIES, f"say in NEW or BODIES what {action} takes"
    text = json.dumps(NEW.get(action) or BODIES[action])
    for row in world.rows:
        text = text.replace(f"{{{type(row).__name__}}}", str(getattr(row, "public_id", row.pk)))
    return json.loads(text)


def queries(route: Route) -> list[str]:
    parameters = operation(route, "GET").get("parameters", [])
    return [each["name"] for each in parameters if each["in"] == "query" and may_hold_an_id(each["schema"])]


def body_schema(route: Route, method: str) -> dict[str, Any]:
    content = operation(route, method).get("requestBody", {}).get("content", {})
    schema: dict[str, Any] = content.get("application/json", {}).get("schema", {})
    return schema


def members(route: Route, method: str) -> list[str]:
    schema = body_schema(route, method)
    schema = schema.get("items", schema)
    assert route.contract is not None
    name = schema.get("$ref", "").rpartition("/")[2]
    if name:
        schema = document_of(route.contract)["components"]["schemas"][name]
    found = schema.get("properties", {})
    assert found, f"{method} {route.path} says of no member what it takes"
    return [name for name, each in found.items() if may_hold_an_id(each)]


def may_hold_an_id(schema: dict[str, Any]) -> bool:
    """Not yes or no, one of a few words, or a time."""
    return not (schema.get("type") == "boolean" or "enum" in schema or "date" in schema.get("format", ""))


def operation(route: Route, method: str) -> dict[str, Any]:
    """What the document says of a route; an alias says the same as the one that is documented."""
    assert route.contract is not None
    for other in MOUNTED:
        if other.view_name == route.view_name and other.methods == route.methods:
            template = other.path.rstrip("/")
            for parameter in other.parameters:
                template = template.replace(f"<str:{parameter}>", f"<{parameter}>").replace(
                    f"<{parameter}>", f"{{{parameter}}}"
                )
            found: dict[str, Any] = paths_of(route.contract).get(template, {}).get(method.lower(), {})
            if found:
                return found
    raise AssertionError(f"{method} {route.path} is in no document")


@cache
def document_of(contract: Contract) -> dict[str, Any]:
    return document(contract)


def paths_of(contract: Contract) -> dict[str, Any]:
    paths: dict[str, Any] = document_of(contract)["paths"]
    return {path.rstrip("/"): operations for path, operations in paths.items()}
