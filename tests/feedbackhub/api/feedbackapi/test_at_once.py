"""What holds when many calls come at once, over HTTP, each with a connection of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import Account, Invitation
from crm.models import Customer, CustomerLocation, Location
from tests.feedbackapi import FeedbackAPI, key_of
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def api(account: Account) -> FeedbackAPI:
    Account.objects.filter(pk=account.pk).update(max_locations=10, max_users=10)
    return key_of(account)


def together(api: FeedbackAPI, times: int, call: Callable[[FeedbackAPI, int], HttpResponse]) -> list[HttpResponse]:
    """Every answer has been checked against the contract by its caller."""
    answers = at_once(times, lambda n: call(FeedbackAPI(api.secret, client=Client()), n))
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    return answers  # type: ignore[return-value]


def outcome(answers: list[HttpResponse]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def test_twenty_creates_of_one_person_make_one_row_and_one_id(api: FeedbackAPI) -> None:
    home = api.ok(api.post("locations", {"name": "Home", "country_code": "US"}))["id"]
    spellings = [
        {"email": "jane@example.com"},
        {"email": "JANE@example.com", "mobile_number": "+18135550123"},
        {"mobile_number": "(813) 555-0123", "email": "Jane@Example.com", "country_code": "US"},
    ]
    answers = together(api, 20, lambda one, n: one.post("customers", {**spellings[n % 3], "location": home}))
    assert outcome(answers) == {200: 20}
    assert {answer.json()["id"] for answer in answers} == {Customer.objects.get().public_id}
    assert CustomerLocation.objects.count() == 1


def test_twenty_creates_of_a_deleted_person_bring_one_back(api: FeedbackAPI) -> None:
    home = api.ok(api.post("locations", {"name": "Home", "country_code": "US"}))["id"]
    body = {"email": "jane@example.com", "location": home}
    jane = api.ok(api.post("customers", body))["id"]
    api.ok(api.delete(f"customers/{jane}"))
    answers = together(api, 20, lambda one, _: one.post("customers", body))
    assert {answer.json()["id"] for answer in answers} == {jane}
    assert api.ids("customers") == [jane]


def test_thirty_locations_at_once_fill_ten_places_exactly(api: FeedbackAPI) -> None:
    answers = together(api, 30, lambda one, n: one.post("locations", {"name": f"Place {n}", "country_code": "US"}))
    assert outcome(answers) == {200: 10, 402: 20}
    assert Location.objects.count() == 10
    message = next(answer.json()["message"] for answer in answers if answer.status_code == 402)
    assert message == "This account is limited to 10 locations and has 10. Remove one or raise max_locations."


def test_thirty_users_at_once_fill_ten_seats_exactly(api: FeedbackAPI) -> None:
    answers = together(api, 30, lambda one, n: one.post("users", {"email": f"user{n}@example.com"}))
    assert outcome(answers) == {200: 10, 402: 20}
    assert Invitation.objects.count() == 10


def test_thirty_repetitions_with_one_key_make_one_location(api: FeedbackAPI) -> None:
    home = {"name": "Home", "country_code": "US"}
    answers = together(api, 30, lambda one, _: one.post("locations", home, Idempotency_Key="k1"))
    assert set(outcome(answers)) <= {200, 409}
    assert {answer.json()["id"] for answer in answers if answer.status_code == 200} == {
        Location.objects.get().public_id
    }
