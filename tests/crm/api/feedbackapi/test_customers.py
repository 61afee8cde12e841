"""The customers noun, from outside."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import Account
from crm.domain import suppressions
from crm.models import Customer, CustomerLocation, Location, Suppression
from tests.crm.api.feedbackapi.conftest import bounce
from tests.feedbackapi import FeedbackAPI, refused

KEYS = [
    "id",
    "created",
    "email",
    "mobile_number",
    "fname",
    "sname",
    "last_sms",
    "last_email",
    "country_code",
    "invalid",
    "opt_out",
    "locations",
]


def create(api: FeedbackAPI, home: Location, **fields: Any) -> Any:
    return api.ok(api.post("customers", {"location": home.public_id, **fields}))


# --- The samples of the document ------------------------------------------------------------------------------------


def test_the_create_sample_works_as_printed(each_api: FeedbackAPI, home: Location) -> None:
    body = each_api.ok(
        each_api.post(
            "customers",
            {
                "mobile_number": "+1813555555",
                "email": "customer@feedbackapi.com",
                "country_code": "US",
                "location": home.public_id,
            },
        )
    )
    customer = Customer.objects.get()
    assert list(body) == KEYS
    assert body == {
        "id": customer.public_id,
        "created": int(customer.created_at.timestamp()),
        "email": "customer@feedbackapi.com",
        "mobile_number": "+1813555555",
        "fname": None,
        "sname": None,
        "last_sms": None,
        "last_email": None,
        "country_code": "US",
        "invalid": False,
        "opt_out": False,
        "locations": [home.public_id],
    }
    assert (customer.email, customer.mobile_number) == ("customer@feedbackapi.com", "+1813555555")


@pytest.mark.parametrize("noun", ["customers", "subscribers", "subscriber"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_every_spelling_of_the_path_answers(api: FeedbackAPI, jane: Customer, noun: str, slash: str) -> None:
    assert api.ok(api.get(f"{noun}{slash}"))["total_count"] == 1
    assert api.ok(api.get(f"{noun}/{jane.public_id}{slash}"))["id"] == jane.public_id
    made = api.ok(api.post(f"{noun}{slash}", {"email": "new@example.com", "location": home_of(jane)}))
    assert made["email"] == "new@example.com"
    assert api.ok(api.post(f"{noun}/{jane.public_id}{slash}", {"fname": "J"}))["fname"] == "J"


def home_of(customer: Customer) -> str:
    return CustomerLocation.objects.get(customer=customer).location.public_id


def test_the_retrieve_sample_works(api: FeedbackAPI, jane: Customer) -> None:
    body = api.ok(api.get(f"customers/{jane.public_id}"))
    assert list(body) == KEYS
    assert body["id"] == jane.public_id


def test_the_update_sample_works_as_printed(each_api: FeedbackAPI, jane: Customer) -> None:
    body = each_api.ok(each_api.post(f"customers/{jane.public_id}", {"opt_out": True, "fname": "Ciro"}))
    assert (body["opt_out"], body["fname"], body["sname"]) == (True, "Ciro", None)
    assert body["mobile_number"] == "+18135550123"
    row = Suppression.objects.get()
    assert (row.customer, row.reason, row.source, row.channel) == (jane, "opt_out", "caller", "all")


def test_patch_means_the_same_as_post(each_api: FeedbackAPI, jane: Customer) -> None:
    body = each_api.ok(each_api.post(f"customers/{jane.public_id}", {"sname": "Doe"}, method="PATCH"))
    assert body["sname"] == "Doe"


def test_the_delete_sample_works(api: FeedbackAPI, jane: Customer) -> None:
    assert api.ok(api.delete(f"customers/{jane.public_id}")) == {"id": jane.public_id, "deleted": True}
    jane.refresh_from_db()
    assert jane.deleted_at is not None
    assert jane.email == "jane@example.com"
    refused(api.get(f"customers/{jane.public_id}"), 404)
    refused(api.post(f"customers/{jane.public_id}", {"fname": "J"}), 404)
    refused(api.delete(f"customers/{jane.public_id}"), 404)
    assert api.ids("customers") == []


@pytest.mark.parametrize(
    "query", ["limit=20&created_after=1483228800", "limit=20&created_after=1734137054", "limit=20"]
)
def test_the_list_samples_work_as_printed(api: FeedbackAPI, jane: Customer, query: str) -> None:
    body = api.ok(api.get(f"customers?{query}"))
    assert list(body) == ["page", "total_count", "total_returned", "data"]
    assert (body["page"], body["total_count"], body["total_returned"]) == (0, 1, 1)
    assert list(body["data"][0]) == KEYS


# --- Creating --------------------------------------------------------------------------------------------------------


def test_creating_somebody_who_exists_updates_them(api: FeedbackAPI, jane: Customer, away: Location) -> None:
    body = create(api, away, email="JANE@example.com", fname="Jane")
    assert body["id"] == jane.public_id
    assert body["fname"] == "Jane"
    assert body["mobile_number"] == "+18135550123"
    assert body["locations"] == [home_of_first(jane), away.public_id]
    assert Customer.objects.count() == 1


def home_of_first(customer: Customer) -> str:
    links = CustomerLocation.objects.filter(customer=customer).order_by("pk")
    return links.select_related("location")[0].location.public_id


def test_creating_by_number_finds_the_same_person(api: FeedbackAPI, jane: Customer, home: Location) -> None:
    assert create(api, home, mobile_number="(813) 555-0123", country_code="US")["id"] == jane.public_id


def test_a_number_without_plus_is_read_in_the_locations_country(api: FeedbackAPI, away: Location) -> None:
    assert create(api, away, mobile_number="07810 123456")["mobile_number"] == "+447810123456"


def test_a_deleted_customer_comes_back_with_their_id(api: FeedbackAPI, jane: Customer, home: Location) -> None:
    api.delete(f"customers/{jane.public_id}")
    assert create(api, home, email="jane@example.com")["id"] == jane.public_id
    jane.refresh_from_db()
    assert jane.deleted_at is None


def test_two_people_behind_one_create_are_a_402_that_names_both(
    api: FeedbackAPI, account: Account, jane: Customer, home: Location
) -> None:
    joan = Customer.objects.create(account=account, mobile_number="+447810123456")
    fields = {"email": "jane@example.com", "mobile_number": "+447810123456", "location": home.public_id, "fname": "X"}
    message = refused(api.post("customers", fields), 402, "mobile_number")
    assert jane.public_id in message
    assert joan.public_id in message
    jane.refresh_from_db()
    assert jane.fname is None


@pytest.mark.parametrize(("field", "address"), [("email", "JANE@example.com"), ("mobile_number", "+1 813 555 0123")])
def test_an_update_to_somebody_elses_address_is_a_402(
    api: FeedbackAPI, account: Account, jane: Customer, field: str, address: str
) -> None:
    joan = Customer.objects.create(account=account, email="joan@example.com")
    message = refused(api.post(f"customers/{joan.public_id}", {field: address, "fname": "Joan"}), 402, field)
    assert f"belongs to another customer, {jane.public_id}. Change that one first." in message
    joan.refresh_from_db()
    assert (joan.email, joan.mobile_number, joan.fname) == ("joan@example.com", None, None)


def test_a_deleted_customers_address_is_theirs_until_they_are_back(
    api: FeedbackAPI, account: Account, jane: Customer, home: Location
) -> None:
    joan = Customer.objects.create(account=account, email="joan@example.com")
    api.delete(f"customers/{jane.public_id}")
    message = refused(api.post(f"customers/{joan.public_id}", {"email": "jane@example.com"}), 402, "email")
    assert "belongs to a deleted customer" in message
    # As the message says.
    create(api, home, email="jane@example.com")
    api.ok(api.post(f"customers/{jane.public_id}", {"email": "other@example.com"}))
    assert api.ok(api.post(f"customers/{joan.public_id}", {"email": "jane@example.com"}))["email"] == "jane@example.com"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({}, "email"),
        ({"email": ""}, "email"),
        ({"email": "nobody"}, "email"),
        ({"email": "a@example.com", "location": ""}, "location"),
        ({"email": "a@example.com", "location": "nowhere"}, "location"),
        ({"email": "a@example.com", "country_code": "ZZ"}, "country_code"),
        ({"email": "a@example.com", "country_code": "UK"}, "country_code"),
        ({"mobile_number": "12"}, "mobile_number"),
        ({"mobile_number": "call me"}, "mobile_number"),
        ({"mobile_number": "+0123456789"}, "mobile_number"),
        ({"mobile_number": "+1234567890123456"}, "mobile_number"),
        ({"email": "a@example.com", "fname": "x" * 101}, "fname"),
        ({"email": "a@example.com", "fname": "two\nlines"}, "fname"),
        ({"email": "a@example.com", "opt_out": "maybe"}, "opt_out"),
        ({"email": "a@example.com", "location_add": ["nowhere"]}, "location_add"),
        ({"email": "a@example.com", "invalid": False}, "invalid"),
        ({"email": "a@example.com", "surname": "Doe"}, "surname"),
        ({"email": "two words@example.com"}, "email"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_stored(
    each_api: FeedbackAPI, home: Location, fields: dict[str, Any], param: str
) -> None:
    refused(each_api.post("customers", {"location": home.public_id, **fields}), 400, param)
    assert not Customer.objects.exists()


def test_a_location_is_required(api: FeedbackAPI, home: Location) -> None:
    refused(api.post("customers", {"email": "a@example.com"}), 400, "location")


def test_a_deleted_location_takes_nobody(api: FeedbackAPI, home: Location) -> None:
    Location.objects.update(deleted_at=datetime.now(UTC))
    refused(api.post("customers", {"email": "a@example.com", "location": home.public_id}), 400, "location")


# --- Updating --------------------------------------------------------------------------------------------------------


def test_absent_is_unchanged_and_null_is_nothing(api: FeedbackAPI, jane: Customer) -> None:
    api.post(f"customers/{jane.public_id}", {"fname": "Jane", "sname": "Doe", "country_code": "us"})
    body = api.ok(api.post(f"customers/{jane.public_id}", {"sname": None, "mobile_number": None}))
    assert (body["fname"], body["sname"], body["mobile_number"]) == ("Jane", None, None)
    assert (body["email"], body["country_code"]) == ("jane@example.com", "US")


def test_the_last_address_cannot_be_taken_away(api: FeedbackAPI, jane: Customer) -> None:
    refused(api.post(f"customers/{jane.public_id}", {"email": None, "mobile_number": None}), 400, "email")


def test_locations_are_added_and_removed(each_api: FeedbackAPI, jane: Customer, home: Location, away: Location) -> None:
    path = f"customers/{jane.public_id}"
    again = {"location_add": [away.public_id, home.public_id, away.public_id]}
    assert each_api.ok(each_api.post(path, again))["locations"] == [home.public_id, away.public_id]
    gone = {"location_remove": [home.public_id]}
    assert each_api.ok(each_api.post(path, gone))["locations"] == [away.public_id]
    assert each_api.ok(each_api.post(path, gone))["locations"] == [away.public_id]


def test_a_first_location_and_further_ones_are_taken_together(
    each_api: FeedbackAPI, home: Location, away: Location
) -> None:
    both = {"location": home.public_id, "location_add": [away.public_id]}
    made = each_api.ok(each_api.post("customers", {"email": "a@example.com", "opt_out": True, **both}))
    assert (made["locations"], made["opt_out"]) == ([home.public_id, away.public_id], True)
    gone = {"location_remove": [home.public_id, away.public_id]}
    path = f"customers/{made['id']}"
    assert each_api.ok(each_api.post(path, gone))["locations"] == []
    assert each_api.ok(each_api.post(path, both))["locations"] == [home.public_id, away.public_id]


def test_a_deleted_location_is_not_shown(api: FeedbackAPI, jane: Customer) -> None:
    Location.objects.update(deleted_at=datetime.now(UTC))
    assert api.ok(api.get(f"customers/{jane.public_id}"))["locations"] == []


# --- Opting out and being unreachable --------------------------------------------------------------------------------


def test_a_caller_takes_its_own_opt_out_back(each_api: FeedbackAPI, jane: Customer) -> None:
    path = f"customers/{jane.public_id}"
    assert each_api.ok(each_api.post(path, {"opt_out": True}))["opt_out"] is True
    assert each_api.ok(each_api.post(path, {"opt_out": True}))["opt_out"] is True
    assert each_api.ok(each_api.post(path, {"opt_out": False}))["opt_out"] is False


@pytest.mark.parametrize("reason", ["stop", "unsubscribe", "complaint"])
def test_a_caller_cannot_opt_somebody_in_who_left(api: FeedbackAPI, jane: Customer, reason: str) -> None:
    suppressions.suppress(
        account=jane.account,
        channel="all",
        reason=reason,
        source="recipient",
        address="jane@example.com",
        customer=jane,
    )
    path = f"customers/{jane.public_id}"
    refused(api.post(path, {"opt_out": False, "fname": "Changed"}), 402, "opt_out")
    body = api.ok(api.get(path))
    assert (body["opt_out"], body["fname"]) == (True, None)
    home = home_of(jane)
    refused(api.post("customers", {"email": "jane@example.com", "location": home, "opt_out": False}), 402, "opt_out")


def test_no_way_round_undoes_what_the_person_said(api: FeedbackAPI, jane: Customer, home: Location) -> None:
    suppressions.suppress(
        account=jane.account,
        channel="all",
        reason="unsubscribe",
        source="recipient",
        address="jane@example.com",
        customer=jane,
    )
    api.ok(api.delete(f"customers/{jane.public_id}"))
    assert create(api, home, email="jane@example.com")["opt_out"] is True
    # The person takes it along to another address, and whoever has the address next is not written to either.
    moved = api.ok(api.post(f"customers/{jane.public_id}", {"email": "new@example.com"}))
    assert (moved["id"], moved["opt_out"]) == (jane.public_id, True)
    refused(api.post(f"customers/{jane.public_id}", {"opt_out": False}), 402, "opt_out")
    assert create(api, home, email="JANE@example.com")["opt_out"] is True


def test_correcting_a_bounced_address_makes_the_customer_valid(api: FeedbackAPI, jane: Customer) -> None:
    bounce(jane)
    path = f"customers/{jane.public_id}"
    assert api.ok(api.get(path))["invalid"] is True
    assert api.ok(api.post(path, {"fname": "Jane"}))["invalid"] is True
    assert api.ok(api.post(path, {"email": "right@example.com"}))["invalid"] is False


# --- Whose they are --------------------------------------------------------------------------------------------------


def test_bob_sees_and_changes_what_alice_has(bobs_api: FeedbackAPI, jane: Customer) -> None:
    assert bobs_api.ids("customers") == [jane.public_id]
    assert bobs_api.ok(bobs_api.post(f"customers/{jane.public_id}", {"fname": "Jane"}))["fname"] == "Jane"


def test_charlie_sees_nothing_and_changes_nothing(
    charlies_api: FeedbackAPI, jane: Customer, home: Location, elsewhere: Location
) -> None:
    path = f"customers/{jane.public_id}"
    absent = refused(charlies_api.get("customers/absent"), 404)
    assert refused(charlies_api.get(path), 404) == absent
    assert refused(charlies_api.post(path, {"fname": "X"}), 404) == absent
    assert refused(charlies_api.delete(path), 404) == absent
    assert charlies_api.ids("customers") == []
    assert charlies_api.ids("customers?email=jane@example.com") == []
    refused(charlies_api.post("customers", {"email": "c@example.com", "location": home.public_id}), 400, "location")
    own = create(charlies_api, elsewhere, email="jane@example.com")
    assert own["id"] != jane.public_id
    refused(charlies_api.post(f"customers/{own['id']}", {"location_add": [home.public_id]}), 400, "location_add")
    refused(charlies_api.post(f"customers/{own['id']}", {"location_remove": [home.public_id]}), 400, "location_remove")
    jane.refresh_from_db()
    assert (jane.fname, jane.deleted_at) == (None, None)
