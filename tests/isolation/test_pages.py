"""Every other route: the console's with the session of one tenant and the rows of another, and a list of the rest."""

from __future__ import annotations

from functools import partial
from itertools import product

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import Membership, User
from tests.isolation import worlds
from tests.isolation.routes import CONSOLE, Route, routes
from tests.isolation.worlds import World

pytestmark = pytest.mark.django_db

# Open to anybody: what they show is told by a secret in the address, or is nobody's.
PUBLIC = {
    "/", "/livez", "/readyz", "/metrics", "/health/", "/openapi.json", "/openapi.yaml", "/console", "/feedback/",
    "/invite", "/invite/", "/digest/<str:token>/stop", "/u/<str:token>", "/u/<str:token>/",
    "/kiosk/<str:token>", "/l/<str:token>", "/l/<str:token>/",
    # Providers call these, each with a signature.
    "/hooks/twilio/<slug:code>/status/<uuid:attempt>", "/hooks/twilio/<slug:code>/incoming", "/hooks/sns/<slug:code>",
    "/hooks/mail/<slug:code>", "/hooks/relay/<slug:code>/<slug:channel>",
    "/api/docs/", "/api/docs/<slug:name>/", "/api/docs/<slug:name>.json",
    *(f"/{prefix}/<str:token>{rest}" for prefix in ("f", "fb") for rest in ("", "/", "/seen", "/go/<str:key>")),
}  # fmt: skip
SIGN_IN = "/accounts/"
# Parameters that name no row, and what they may be.
NO_ROW = {"verb": "status", "kind": "crm.customer", "app_label": "crm", "url": "nowhere/", "role": "result"}
# Rows of no account: a site that both left reviews on is both's to see.
SHARED = "/console/reviews/platform/"
# Nobody's, or superusers' only.
NOT_THE_OWNERS = (SHARED, "/console/accounts/user/", "/console/r/", "/console/<url>")
PAGES = [route for route in routes() if route.path.startswith(CONSOLE)]
# What a form could hold that does something; a page takes what it knows.
POSTED = {"post": "yes", "value": "Quokka", "name": "Quokka", "message": "Quokka", "overlap": "0", "role": "owner"}


def named(value: object) -> str:
    return value.path if isinstance(value, Route) else str(value)


def test_every_route_is_a_contracts_the_consoles_or_known_to_be_public():
    unknown = [
        route.path
        for route in routes()
        if not (route.contract or route.path in PUBLIC or route.path.startswith((CONSOLE, SIGN_IN)))
    ]
    assert unknown == [], "say whose rows it shows: try it here, or name it in PUBLIC"


def owner_of(world: World) -> Client:
    user = User.objects.create_user(f"owner@{world.mark.lower()}.example", name="Owner")
    Membership.objects.create(account=world.account, user=user, role="owner")
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def ids_for(route: Route, world: World) -> list[str]:
    """The model's own row where the address names the model, else every id there is."""
    label = ".".join(route.path.removeprefix(CONSOLE).split("/")[:2])
    own = [str(row.pk) for row in world.rows if type(row)._meta.label_lower == label]
    return own or world.ids


def addresses(route: Route, world: World) -> list[str]:
    if not route.parameters:
        return [route.path]
    values = [dict.fromkeys(route.parameters, id) | NO_ROW for id in ids_for(route, world)]
    # Once each: some name no row at all.
    return list(dict.fromkeys(route.filled(each) for each in values))


def names_a_row(route: Route) -> bool:
    return bool(set(route.parameters) - set(NO_ROW))


def shows(client: Client, response: HttpResponse, hers: World, address: str) -> bool:
    """Whether a word of hers is read in the end: a page that sends away says why where it sends to."""
    text = response.content.decode()
    if response.status_code == 302 and response["Location"].startswith("/") and "_auth_user_id" in client.session:
        text += client.get(response["Location"]).content.decode()
    return hers.mark.lower() in text.lower().replace(address.lower(), "")


@pytest.mark.parametrize("route", PAGES, ids=named)
def test_a_page_of_the_console_shows_and_changes_nothing_of_another_account(route: Route, hers: World, his: World):
    before = worlds.versions(hers)
    strangers, charlies = Client(raise_request_exception=False), owner_of(his)
    for address in addresses(route, hers):
        # Who is not signed in is sent away whatever the page; one method tells.
        for method, client in (("get", strangers), ("get", charlies), ("post", charlies)):
            response = getattr(client, method)(address, POSTED if method == "post" else None)
            assert response.status_code < 500, (method, address)
            if client is strangers or (names_a_row(route) and not route.path.startswith(SHARED)):
                assert response.status_code in (302, 403, 404, 405), (method, address)
            assert not shows(client, response, hers, address), (method, address)
    assert before - worlds.versions(hers) == set()
    assert worlds.ties_across_accounts() == []


@pytest.mark.parametrize(
    "route", [route for route in PAGES if route.parameters and not route.path.startswith(NOT_THE_OWNERS)], ids=named
)
def test_the_owner_opens_what_the_others_may_not(route: Route, hers: World):
    """Else an address that never leads anywhere would pass the test above."""
    client = owner_of(hers)
    calls = product(addresses(route, hers), (client.get, partial(client.post, data=POSTED)))
    assert any(call(address).status_code not in (404, 405) for address, call in calls)
