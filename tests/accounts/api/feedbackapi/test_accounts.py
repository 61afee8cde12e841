"""FeedbackAPI: client accounts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.domain import accounts, actors, keys
from accounts.models import Account
from crm.models import Location
from tests.accounts.api.feedbackapi.conftest import Caller, caller_of
from tests.accounts.factories import agency as make_agency
from tests.accounts.factories import client as make_client
from tests.accounts.factories import member
from tests.conftest import Person

KEYS = [
    "id",
    "created",
    "name",
    "active",
    "max_locations",
    "max_users",
    "max_campaigns",
    "sms_allowance",
    "active_locations",
    "active_users",
]
SAMPLE = {"name": "Savastano and Son", "active": True, "verb": "use"}


def created_at(account: Account, year: int) -> Account:
    Account.objects.filter(pk=account.pk).update(created_at=datetime(year, 1, 1, tzinfo=UTC))
    return account


def assert_sample(response: Any) -> Account:
    assert response.status_code == 200
    body = response.json()
    assert list(body) == KEYS
    account = Account.objects.get(public_id=body["id"])
    assert body == {
        "id": account.public_id,
        "created": int(account.created_at.timestamp()),
        "name": "Savastano and Son",
        "active": True,
        "max_locations": None,
        "max_users": None,
        "max_campaigns": None,
        "sms_allowance": None,
        "active_locations": 0,
        "active_users": 0,
    }
    assert (account.verb, account.is_agency) == ("use", False)
    return account


def test_the_create_sample_as_printed(agent: Caller) -> None:
    account = assert_sample(agent.form("accounts/", "name=Savastano and Son&active=true&verb=use"))
    assert account.parent == agent.account


@pytest.mark.parametrize("content_type", ["application/json", "application/vnd.api+json"])
@pytest.mark.parametrize("path", ["accounts", "accounts/"])
def test_the_create_sample_as_json(agent: Caller, path: str, content_type: str) -> None:
    assert_sample(agent.json(path, SAMPLE, content_type))


def test_the_update_sample_as_printed(agent: Caller) -> None:
    account = make_client(agent.account, name="Savastano and Son")
    answer = agent.form(f"accounts/{account.public_id}", "max_locations=100&sms_allowance=2000")
    assert (answer.status_code, list(answer.json())) == (200, KEYS)
    assert (answer.json()["max_locations"], answer.json()["sms_allowance"]) == (100, 2000)
    account.refresh_from_db()
    assert (account.name, account.max_locations, account.max_users, account.sms_allowance) == (
        "Savastano and Son",
        100,
        None,
        2000,
    )


def test_patch_means_the_same(agent: Caller) -> None:
    account = make_client(agent.account)
    answer = agent.call("PATCH", f"accounts/{account.public_id}", b'{"active": false}', "application/json")
    assert (answer.status_code, answer.json()["active"]) == (200, False)
    account.refresh_from_db()
    assert account.active is False


def test_the_retrieve_sample_has_live_counts(agent: Caller) -> None:
    account = make_client(agent.account, max_locations=10, max_users=3, max_campaigns=1, sms_allowance=100)
    for number in range(5):
        Location.objects.create(account=account, name=f"Place {number}", country_code="US")
    Location.objects.create(account=account, name="Gone", country_code="US", deleted_at=datetime.now(UTC))
    member(account, "carol@example.com")
    member(account, "gone@example.com", is_active=False)
    answer = agent.get(f"accounts/{account.public_id}")
    assert answer.json() == {
        "id": account.public_id,
        "created": int(account.created_at.timestamp()),
        "name": "Client",
        "active": True,
        "max_locations": 10,
        "max_users": 3,
        "max_campaigns": 1,
        "sms_allowance": 100,
        "active_locations": 5,
        "active_users": 1,
    }


def test_the_delete_sample(agent: Caller) -> None:
    account = make_client(agent.account)
    secret = keys.issue(account=account, name="Till", actor=actors.SYSTEM).secret
    answer = agent.delete(f"accounts/{account.public_id}")
    assert (answer.status_code, answer.json()) == (200, {"id": account.public_id, "deleted": True})
    assert Account.objects.get(pk=account.pk).deleted_at is not None
    assert keys.authenticate(secret) is None
    assert agent.get("accounts").json()["total_count"] == 0
    for again in (agent.get(f"accounts/{account.public_id}"), agent.delete(f"accounts/{account.public_id}")):
        assert (again.status_code, again.json()["type"]) == (404, "invalid_request_error")


def test_the_list_sample_is_newest_first_in_an_envelope(agent: Caller) -> None:
    found = [created_at(make_client(agent.account, name=f"Client {year}"), year) for year in (2021, 2023, 2022)]
    created_at(make_client(agent.account, name="Old"), 2016)
    answer = agent.get("accounts", limit=20, created_after=1483228800)
    body = answer.json()
    assert (body["page"], body["total_count"], body["total_returned"]) == (0, 3, 3)
    assert [row["id"] for row in body["data"]] == [found[1].public_id, found[2].public_id, found[0].public_id]
    assert all(list(row) == KEYS for row in body["data"])


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"name": "ALPHA"}, ["Alpha"]),
        ({"active": "false"}, ["Beta"]),
        ({"active": "true", "sort_by": "name-desc"}, ["Gamma", "Alpha"]),
        ({"created_before": "2021-06-01T00:00:00Z"}, ["Alpha"]),
        ({"created_after": "2022-01-01T00:00:00Z", "created_before": 1656633600}, ["Beta"]),
        ({"sort_by": "created-asc"}, ["Alpha", "Beta", "Gamma"]),
        ({"sort_by": "max_users-asc"}, ["Gamma", "Beta", "Alpha"]),
        ({"sort_by": "name-asc", "limit": 1, "page": 1}, ["Beta"]),
        ({"page": 7}, []),
    ],
)
def test_filters_and_sorts(agent: Caller, query: dict[str, Any], names: list[str]) -> None:
    created_at(make_client(agent.account, name="Alpha"), 2021)
    created_at(make_client(agent.account, name="Beta", active=False, max_users=9), 2022)
    created_at(make_client(agent.account, name="Gamma", max_users=2), 2023)
    assert [row["name"] for row in agent.get("accounts", **query).json()["data"]] == names


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"colour": "red"}, "colour"),
        ({"active": "perhaps"}, "active"),
        ({"sort_by": "password-asc"}, "sort_by"),
        ({"sort_by": "name"}, "sort_by"),
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"created_after": "yesterday"}, "created_after"),
        ({"page": 2000, "limit": 100}, "page"),
    ],
)
def test_a_bad_query_names_its_parameter(agent: Caller, query: dict[str, Any], param: str) -> None:
    answer = agent.get("accounts", **query)
    assert (answer.status_code, answer.json()["type"], answer.json()["param"]) == (400, "invalid_request_error", param)


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"name": None}, "name"),
        ({"name": ""}, "name"),
        ({"name": 7}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\r\nb"}, "name"),
        ({"active": "maybe"}, "active"),
        ({"active": None}, "active"),
        ({"verb": "eat"}, "verb"),
        ({"verb": None}, "verb"),
        ({"max_users": -1}, "max_users"),
        ({"max_users": "many"}, "max_users"),
        ({"max_users": 1.5}, "max_users"),
        ({"max_users": True}, "max_users"),
        ({"sms_allowance": 2**31}, "sms_allowance"),
        ({"account_template": "nope"}, "account_template"),
        ({"parent": "nope"}, "parent"),
        ({"is_agency": True}, "is_agency"),
    ],
)
def test_a_bad_argument_is_named_and_nothing_is_made(agent: Caller, change: dict[str, Any], param: str) -> None:
    answer = agent.json("accounts", {**SAMPLE, **change})
    assert (answer.status_code, answer.json()["param"]) == (400, param)
    assert Account.objects.count() == 1


@pytest.mark.parametrize("missing", ["name", "active", "verb"])
def test_a_missing_argument_is_named(agent: Caller, missing: str) -> None:
    answer = agent.json("accounts", {name: value for name, value in SAMPLE.items() if name != missing})
    assert (answer.status_code, answer.json()["param"]) == (400, missing)


def test_null_lifts_a_limit_and_absent_leaves_it(agent: Caller) -> None:
    account = make_client(agent.account, max_users=3, max_locations=4)
    answer = agent.json(f"accounts/{account.public_id}", {"max_users": None})
    assert (answer.json()["max_users"], answer.json()["max_locations"]) == (None, 4)
    assert agent.form(f"accounts/{account.public_id}", "max_locations=").json()["max_locations"] is None


@pytest.mark.parametrize("change", [{"name": ""}, {"name": None}, {"verb": "eat"}, {"account_template": "x"}])
def test_a_bad_update_changes_nothing(agent: Caller, change: dict[str, Any]) -> None:
    account = make_client(agent.account, name="Before")
    answer = agent.json(f"accounts/{account.public_id}", {"max_users": 9, **change})
    assert (answer.status_code, answer.json()["param"]) == (400, next(iter(change)))
    account.refresh_from_db()
    assert (account.name, account.max_users) == ("Before", None)


def test_a_template_lends_its_branding(agent: Caller) -> None:
    template = make_client(agent.account, brand_color="#112233")
    answer = agent.json("accounts", {**SAMPLE, "account_template": template.public_id})
    assert Account.objects.get(public_id=answer.json()["id"]).brand_color == "#112233"


def test_a_template_of_another_agency_is_as_unknown_as_none(agent: Caller) -> None:
    foreign = make_client(make_agency(name="Other agency"))
    answers = [
        agent.json("accounts", {**SAMPLE, "account_template": id}).json() for id in (foreign.public_id, "nope", "0")
    ]
    assert {(answer["param"], answer["message"]) for answer in answers} == {
        ("account_template", "account_template names no account of yours.")
    }


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "accounts"),
        ("POST", "accounts"),
        ("GET", "accounts/x"),
        ("POST", "accounts/x"),
        ("DELETE", "accounts/x"),
    ],
)
def test_an_account_key_gets_401_with_a_challenge(caller: Caller, agency: Account, method: str, path: str) -> None:
    # A key of the agency that was not made to manage its clients is one as well.
    for key in (caller, caller_of(agency)):
        answer = key.call(method, path, json.dumps(SAMPLE).encode(), "application/json")
        assert (answer.status_code, answer.json()["type"]) == (401, "authentication_error")
        assert answer["WWW-Authenticate"].startswith("Basic ")


def test_other_agencies_and_the_agency_itself_are_not_found(agent: Caller, account: Account) -> None:
    foreign = make_client(make_agency(name="Other agency"))
    for id in (foreign.public_id, agent.account.public_id, account.public_id, "nope", str(foreign.pk), "%00", "é"):
        for method, body in (("GET", b""), ("POST", b'{"name": "Mine"}'), ("DELETE", b"")):
            answer = agent.call(method, f"accounts/{id}", body, "application/json")
            assert answer.status_code in (400, 404) if id == "%00" else answer.status_code == 404
    foreign.refresh_from_db()
    assert (foreign.name, foreign.deleted_at) == ("Client", None)
    assert agent.get("accounts").json()["total_count"] == 0


def test_a_read_only_agency_key_cannot_create(agency: Account) -> None:
    key = caller_of(agency, agency=True, scopes=["feedbackapi:read"])
    assert key.get("accounts").status_code == 200
    assert key.json("accounts", SAMPLE).status_code == 401
    assert Account.objects.count() == 1


def test_a_list_of_many_takes_two_queries(agent: Caller, django_assert_num_queries: Any) -> None:
    for number in range(3):
        account = make_client(agent.account, name=f"Client {number}")
        Location.objects.create(account=account, name="Place", country_code="US")
        member(account, f"user{number}@example.com")
    agent.get("accounts")
    with django_assert_num_queries(2):
        answer = agent.get("accounts")
    assert [(row["active_locations"], row["active_users"]) for row in answer.json()["data"]] == [(1, 1)] * 3


def test_timestamps_are_iso_when_asked_for(agent: Caller) -> None:
    account = created_at(make_client(agent.account), 2024)
    agent.headers["Accept"] = "application/json; timestamps=iso"
    assert agent.get(f"accounts/{account.public_id}").json()["created"] == "2024-01-01T00:00:00Z"


def test_an_agency_with_clients_cannot_be_reached_by_charlies_key(agent: Caller, charlie: Person) -> None:
    account = make_client(agent.account)
    assert caller_of(charlie.account).get(f"accounts/{account.public_id}").status_code == 401


def test_changes_are_audited_under_the_key(agent: Caller) -> None:
    id = agent.json("accounts", SAMPLE).json()["id"]
    event = Account.objects.get(public_id=id).events.get()  # type: ignore[attr-defined]
    assert event.pgh_context["actor"].startswith("key:")


def test_an_update_of_a_deleted_account_is_404(agent: Caller) -> None:
    account = make_client(agent.account)
    accounts.delete(account=account, actor=actors.SYSTEM)
    assert agent.form(f"accounts/{account.public_id}", "max_users=1").status_code == 404
