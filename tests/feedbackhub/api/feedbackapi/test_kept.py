"""An object that was fetched can be posted back whole; what only the hub sets cannot be changed that way."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Account
from crm.domain import suppressions
from crm.models import Customer, Location
from feedbackhub.api.feedbackapi.arguments import is_same
from feedbackhub.api.times import parse_timestamp
from tests.accounts.factories import agency, client
from tests.feedbackapi import FeedbackAPI, curl_form, key_of, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def jane(api: FeedbackAPI) -> dict[str, Any]:
    home = api.ok(api.post("locations", {"name": "Home", "country_code": "US"}))
    body = {"email": "jane@example.com", "mobile_number": "+18135550123", "location": home["id"]}
    return api.ok(api.post("customers", body))  # type: ignore[no-any-return]


@pytest.mark.parametrize("accept", ["application/json", "application/json; timestamps=iso"])
def test_a_customer_comes_back_whole_with_one_change(api: FeedbackAPI, jane: dict[str, Any], accept: str) -> None:
    fetched = api.ok(api.get(f"customers/{jane['id']}", Accept=accept))
    assert api.ok(api.post(f"customers/{jane['id']}", {**fetched, "fname": "Jane"}, Accept=accept)) == {
        **fetched,
        "fname": "Jane",
    }
    assert Customer.objects.get().fname == "Jane"


def test_a_customer_comes_back_as_a_form(api: FeedbackAPI, jane: dict[str, Any]) -> None:
    filled = {name: value for name, value in jane.items() if value is not None}
    form = api.encoded("form")
    assert "invalid=false" in curl_form(filled)
    assert form.ok(form.post(f"customers/{jane['id']}", {**filled, "sname": "Doe"})) == {**jane, "sname": "Doe"}


def test_a_location_and_an_account_come_back_whole(api: FeedbackAPI, jane: dict[str, Any]) -> None:
    home = api.ok(api.get(f"locations/{jane['locations'][0]}"))
    assert api.ok(api.post(f"locations/{home['id']}", {**home, "postal_code": "90210"}))["postal_code"] == "90210"
    agent = key_of(agency(), agency=True)
    row = client(Account.objects.get(is_agency=True), name="Before")
    fetched = agent.ok(agent.get(f"accounts/{row.public_id}"))
    Location.objects.create(account=row, name="New meanwhile", country_code="US")
    body = agent.ok(agent.post(f"accounts/{row.public_id}", {**fetched, "name": "After"}))
    assert (body["name"], body["active_locations"]) == ("After", 1)


def test_what_was_sent_meanwhile_does_not_matter(api: FeedbackAPI, jane: dict[str, Any]) -> None:
    Customer.objects.update(last_email_at="2025-01-01T00:00:00Z")
    assert api.ok(api.post(f"customers/{jane['id']}", {**jane, "fname": "Jane"}))["last_email"] == 1735689600


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"id": "other"}, "id"),
        ({"created": 1}, "created"),
        ({"created": "yesterday"}, "created"),
        ({"invalid": True}, "invalid"),
        ({"locations": []}, "locations"),
        ({"locations": None}, "locations"),
        ({"nickname": "J"}, "nickname"),
    ],
)
def test_what_only_the_hub_sets_is_not_changed_silently(
    api: FeedbackAPI, jane: dict[str, Any], change: dict[str, Any], param: str
) -> None:
    refused(api.post(f"customers/{jane['id']}", {**jane, "fname": "Jane", **change}), 400, param)
    assert Customer.objects.get().fname is None


def test_a_flag_is_compared_with_what_it_is_now(api: FeedbackAPI, jane: dict[str, Any]) -> None:
    suppressions.suppress(
        account=Account.objects.get(),
        channel="email",
        reason="hard_bounce",
        source="provider",
        address="jane@example.com",
    )
    refused(api.post(f"customers/{jane['id']}", jane), 400, "invalid")
    assert api.ok(api.post(f"customers/{jane['id']}", {**jane, "invalid": True}))["invalid"] is True


def test_nothing_of_it_is_known_to_a_create(api: FeedbackAPI, jane: dict[str, Any]) -> None:
    refused(api.post("customers", {**jane, "location": jane["locations"][0]}), 400, "id")


@pytest.mark.parametrize(
    ("sent", "shown", "same"),
    [
        (1735689600, "2025-01-01T00:00:00Z", True),
        ("1735689600", "2025-01-01T00:00:00Z", True),
        ("2025-01-01T01:00:00+01:00", "2025-01-01T00:00:00.7Z", True),
        (1735689601, "2025-01-01T00:00:00Z", False),
        (None, "2025-01-01T00:00:00Z", False),
    ],
)
def test_times_are_the_same_in_every_spelling(sent: Any, shown: str, same: bool) -> None:
    assert is_same(sent, parse_timestamp(shown, "shown")) is same
