"""The locations noun, from outside."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Account
from crm.models import Location
from reviews.models import ReviewProfile
from tests.feedbackapi import FeedbackAPI, refused

GOOGLE = "https://www.google.com/search?q=apple+park+visitor+center+cupertino+ca+95014"
TRIPADVISOR = (
    "https://www.tripadvisor.co.uk/"
    "Attraction_Review-g32273-d13331376-Reviews-Apple_Park_Visitor_Center-Cupertino_California.html"
)
APPLE_PARK = {
    "name": "Apple Park",
    "address_line_1": "The Spaceship, 1 Apple Park Way",
    "address_line_2": "Cupertino",
    "address_line_3": "CA",
    "postal_code": "90210",
    "country_code": "US",
}


@pytest.fixture
def park(account: Account) -> Location:
    return Location.objects.create(account=account, **APPLE_PARK)


def test_the_create_sample_works_as_printed(each_api: FeedbackAPI, account: Account) -> None:
    body = each_api.ok(each_api.post("locations/", {**APPLE_PARK, "review_profile": [GOOGLE, TRIPADVISOR]}))
    location = Location.objects.get()
    assert list(body) == ["id", "created", *APPLE_PARK]
    assert body == {"id": location.public_id, "created": int(location.created_at.timestamp()), **APPLE_PARK}
    profiles = ReviewProfile.objects.filter(location=location, account=account).order_by("pk")
    assert [(profile.url, profile.platform.name) for profile in profiles] == [
        (GOOGLE, "Google"),
        (TRIPADVISOR, "Tripadvisor"),
    ]


def test_the_retrieve_sample_works(api: FeedbackAPI, park: Location) -> None:
    body = api.ok(api.get(f"locations/{park.public_id}"))
    assert body == {"id": park.public_id, "created": int(park.created_at.timestamp()), **APPLE_PARK}


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_the_update_sample_works_as_printed(each_api: FeedbackAPI, park: Location, method: str) -> None:
    path = f"locations/{park.public_id}"
    body = each_api.ok(each_api.post(path, {"name": "The HyperRing"}, method=method))
    assert {name: body[name] for name in APPLE_PARK} == {**APPLE_PARK, "name": "The HyperRing"}


def test_the_delete_sample_works(api: FeedbackAPI, park: Location) -> None:
    path = f"locations/{park.public_id}/"
    assert api.ok(api.delete(path)) == {"id": park.public_id, "deleted": True}
    assert api.ids("locations") == []
    for again in (api.get(path), api.delete(path), api.post(path, {"name": "X"})):
        refused(again, 404)
    park.refresh_from_db()
    assert park.deleted_at is not None


def test_the_list_sample_works_as_printed(api: FeedbackAPI, park: Location) -> None:
    body = api.ok(api.get("locations?limit=20&created_after=1483228800"))
    assert (body["page"], body["total_count"], body["total_returned"]) == (0, 1, 1)
    assert list(body["data"][0]) == ["id", "created", *APPLE_PARK]


def test_an_update_adds_profiles_and_keeps_those_there_are(each_api: FeedbackAPI, park: Location) -> None:
    path = f"locations/{park.public_id}"
    for url in (GOOGLE, TRIPADVISOR, GOOGLE):
        each_api.ok(each_api.post(path, {"review_profile": [url]}))
    assert list(ReviewProfile.objects.order_by("pk").values_list("url", flat=True)) == [GOOGLE, TRIPADVISOR]


def test_one_profile_need_not_be_an_array(each_api: FeedbackAPI, park: Location) -> None:
    each_api.ok(each_api.post(f"locations/{park.public_id}", {"review_profile": GOOGLE}))
    assert ReviewProfile.objects.get().url == GOOGLE


def test_php_writes_its_arrays_with_numbers(api: FeedbackAPI) -> None:
    body = f"name=Home&country_code=US&review_profile%5B0%5D={GOOGLE}&review_profile%5B1%5D={TRIPADVISOR}"
    api.ok(api.call("POST", "locations", body, "application/x-www-form-urlencoded"))
    assert ReviewProfile.objects.count() == 2


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"country_code": "US"}, "name"),
        ({"name": "Home"}, "country_code"),
        ({"name": " ", "country_code": "US"}, "name"),
        ({"name": "Home", "country_code": ""}, "country_code"),
        ({"name": "Home", "country_code": "UK"}, "country_code"),
        ({"name": "Home", "country_code": "US", "postal_code": "x" * 21}, "postal_code"),
        ({"name": "x" * 201, "country_code": "US"}, "name"),
        ({"name": "Home", "country_code": "US", "review_profile": ["javascript:alert(1)"]}, "review_profile"),
        ({"name": "Home", "country_code": "US", "review_profile": [GOOGLE, "ftp://a.example"]}, "review_profile"),
        ({"name": "Home", "country_code": "US", "zip": "90210"}, "zip"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_stored(
    each_api: FeedbackAPI, fields: dict[str, Any], param: str
) -> None:
    refused(each_api.post("locations", fields), 400, param)
    assert not Location.objects.exists()
    assert not ReviewProfile.objects.exists()


def test_a_location_keeps_its_name_and_country(api: FeedbackAPI, park: Location) -> None:
    refused(api.post(f"locations/{park.public_id}", {"name": None}), 400, "name")
    refused(api.post(f"locations/{park.public_id}", {"country_code": ""}), 400, "country_code")
    body = api.ok(api.post(f"locations/{park.public_id}", {"address_line_2": None, "postal_code": ""}))
    assert (body["address_line_2"], body["postal_code"], body["name"]) == (None, None, "Apple Park")


def test_the_limit_is_a_402(api: FeedbackAPI, account: Account, park: Location) -> None:
    Account.objects.update(max_locations=1)
    refused(api.post("locations", {"name": "Home", "country_code": "US"}), 402)
    assert Location.objects.count() == 1


@pytest.fixture
def places(account: Account) -> list[Location]:
    """By name: Acme, apple, Böhm."""
    rows = [
        Location(account=account, name="apple", country_code="US", postal_code="90210"),
        Location(account=account, name="Böhm", country_code="GB", postal_code="SE1 7TP"),
        Location(account=account, name="Acme", country_code="US"),
    ]
    for row in rows:
        row.save()
    return [rows[2], rows[0], rows[1]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [0, 1, 2]),
        ("sort_by=name-desc", [2, 1, 0]),
        ("sort_by=created-asc", [1, 2, 0]),
        ("sort_by=created-desc", [0, 2, 1]),
        ("sort_by=postal_code-asc", [1, 2, 0]),
        ("sort_by=country_code-asc", [2, 1, 0]),
        ("name=ACME", [0]),
        ("postal_code=se1%207tp", [2]),
        ("country_code=US", [0, 1]),
        ("country_code=US&name=apple", [1]),
        ("created_before=2000-01-01T00:00:00Z", []),
        ("limit=1&page=2", [2]),
    ],
)
def test_lists_filter_sort_and_page(api: FeedbackAPI, places: list[Location], query: str, expected: list[int]) -> None:
    assert api.ids(f"locations?{query}") == [places[index].public_id for index in expected]


@pytest.mark.parametrize("query", ["sort_by=id-asc", "email=a", "country_code=XX", "limit=0"])
def test_a_list_names_the_parameter_at_fault(api: FeedbackAPI, query: str) -> None:
    refused(api.get(f"locations?{query}"), 400, query.partition("=")[0])


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_takes_two_queries_for_any_number(
    api: FeedbackAPI, account: Account, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        Location.objects.create(account=account, name=f"Place {number}", country_code="US")
    api.get("locations")
    with django_assert_num_queries(2):
        assert api.ok(api.get("locations"))["total_returned"] == count


def test_bob_sees_and_changes_what_alice_has(bobs_api: FeedbackAPI, park: Location) -> None:
    assert bobs_api.ids("locations") == [park.public_id]
    assert bobs_api.ok(bobs_api.post(f"locations/{park.public_id}", {"name": "Bob's"}))["name"] == "Bob's"


def test_charlie_sees_nothing_and_changes_nothing(charlies_api: FeedbackAPI, park: Location) -> None:
    path = f"locations/{park.public_id}"
    absent = refused(charlies_api.get("locations/absent"), 404)
    assert refused(charlies_api.get(path), 404) == absent
    assert refused(charlies_api.post(path, {"name": "X"}), 404) == absent
    assert refused(charlies_api.delete(path), 404) == absent
    assert charlies_api.ids("locations") == []
    park.refresh_from_db()
    assert (park.name, park.deleted_at) == ("Apple Park", None)
