"""The feedback noun, from outside."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.domain.actors import SYSTEM
from accounts.models import Account
from campaigns.domain import landing
from campaigns.domain.queries import campaigns as queries
from campaigns.models import Campaign, FeedbackRequest
from crm.models import Customer, Location
from feedback.domain import responses
from feedback.models import Response
from reviews.domain import profiles
from tests.campaigns.asking import ask, location_of, somebody
from tests.campaigns.campaigning import entered, go, running
from tests.feedbackapi import FeedbackAPI, refused

KEYS = {
    "id",
    "created",
    "type",
    "nps-score",
    "nps_score",
    "star-rating",
    "star_rating",
    "happy",
    "comments",
    "platform_name",
    "subscriber",
    "subscriber_name",
    "subscriber_email",
    "location",
    "campaign",
    "campaign_step",
}


def said(account: Account, kind: str, score: int | bool, day: int = 0, **more: Any) -> Response:
    at = datetime(2025, 1, 1 + day, tzinfo=UTC)
    return responses.submit(account=account, kind=kind, score=score, actor=SYSTEM, at=at, **more)


def test_the_retrieve_sample_works(api: FeedbackAPI, account: Account) -> None:
    john = somebody(account, fname="John", sname="Doe", email="johndoe@email.com")
    profiles.add(
        account=account, location=location_of(account), url="https://www.trustpilot.com/review/a.example", actor=SYSTEM
    )
    request = ask(account, customer=john)
    landing.answer(token=request.landing_token, score=8)
    key = landing.review_links(location=location_of(account))[0].key
    landing.follow(token=request.landing_token, key=key)
    row = Response.objects.get()
    body = api.ok(api.get(f"feedback/{row.public_id}"))
    assert set(body) == KEYS
    assert body == {
        "id": row.public_id,
        "created": int(row.created_at.timestamp()),
        "type": "nps",
        "nps-score": 8,
        "nps_score": 8,
        "star-rating": None,
        "star_rating": None,
        "happy": None,
        "comments": None,
        "platform_name": "Trustpilot",
        "subscriber": john.public_id,
        "subscriber_name": "John Doe",
        "subscriber_email": "johndoe@email.com",
        "location": location_of(account).public_id,
        "campaign": None,
        "campaign_step": None,
    }


@pytest.mark.parametrize(
    ("kind", "score", "shown"),
    [
        ("nps", 0, {"nps-score": 0, "nps_score": 0}),
        ("star-rating", 4, {"star-rating": 4, "star_rating": 4}),
        ("happy", True, {"happy": True}),
        ("happy", False, {"happy": False}),
    ],
)
def test_one_kind_of_score_is_set(
    api: FeedbackAPI, account: Account, kind: str, score: int | bool, shown: dict[str, Any]
) -> None:
    row = said(account, kind, score, comment="A disappointing experience")
    body = api.ok(api.get(f"feedback/{row.public_id}/"))
    scores = {name: body[name] for name in ("nps-score", "nps_score", "star-rating", "star_rating", "happy")}
    assert {name: value for name, value in scores.items() if value is not None} == shown
    assert (body["type"], body["comments"]) == (kind, "A disappointing experience")
    assert (body["subscriber"], body["subscriber_name"], body["location"]) == (None, None, None)


@pytest.fixture
def many(account: Account) -> list[Response]:
    """Oldest first."""
    place, person = location_of(account), somebody(account)
    return [
        said(account, "nps", 9, 0, customer=person, location=place),
        said(account, "nps", 3, 1),
        said(account, "star-rating", 4, 2, location=place),
        said(account, "happy", False, 3),
        said(account, "happy", True, 4),
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("limit=20&created_after=1483228800", [4, 3, 2, 1, 0]),
        ("sort_by=created-asc", [0, 1, 2, 3, 4]),
        ("sort_by=type-asc", [3, 4, 0, 1, 2]),
        ("type=nps", [1, 0]),
        ("type=star-rating", [2]),
        ("type=happy", [4, 3]),
        ("type=csat", [4, 3]),
        ("nps_score_less_than=3", [1]),
        ("nps_score_greater_than=3", [1, 0]),
        ("nps-score_greater_than=4", [0]),
        ("nps_score_greater_than=10", []),
        ("star_rating_less_than=5", [2]),
        ("star-rating_greater_than=5", []),
        ("star_rating_greater_than=4", [2]),
        ("happy=true", [4]),
        ("happy=FALSE", [3]),
        ("subscriber={subscriber}", [0]),
        ("location={location}", [2, 0]),
        ("location={location}&type=nps", [0]),
        ("created_after=2025-01-04T00:00:00Z", [4, 3]),
        ("created_before=2025-01-02T00:00:00Z&type=nps", [1, 0]),
    ],
)
def test_lists_filter_sort_and_page(
    api: FeedbackAPI, account: Account, many: list[Response], query: str, expected: list[int]
) -> None:
    named = query.format(subscriber=Customer.objects.get().public_id, location=Location.objects.get().public_id)
    assert api.ids(f"feedback?{named}") == [many[index].public_id for index in expected]


@pytest.mark.parametrize(
    "query",
    [
        "type=ces",
        "nps_score_less_than=11",
        "nps_score_less_than=3.5",
        "star_rating_greater_than=0",
        "happy=2",
        "subscriber=x",
        "location=x",
        "campaign=x",
        "campaign_step=x",
        "comments=x",
        "sort_by=comments-asc",
    ],
)
def test_a_list_names_the_parameter_at_fault(api: FeedbackAPI, many: list[Response], query: str) -> None:
    refused(api.get(f"feedback?{query}"), 400, query.partition("=")[0])


def test_what_a_deleted_customer_said_stays(api: FeedbackAPI, many: list[Response]) -> None:
    customer = Customer.objects.get()
    api.ok(api.delete(f"customers/{customer.public_id}"))
    assert api.ids(f"feedback?subscriber={customer.public_id}") == [many[0].public_id]


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_takes_two_queries_for_any_number(
    api: FeedbackAPI, account: Account, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        said(account, "nps", number, customer=somebody(account), location=location_of(account), comment="Words")
    api.get("feedback")
    with django_assert_num_queries(2):
        assert api.ok(api.get("feedback"))["total_returned"] == count


@pytest.fixture
def campaign(account: Account) -> Campaign:
    """Two people answered its first step, one the second; and one answered a request that stands alone."""
    made = running(account, (("sms", 0), ("sms", 0)))
    for _ in range(2):
        entered(made)
        go()
    first, _, third, fourth = FeedbackRequest.objects.order_by("pk")
    for request in (first, third, fourth, ask(account)):
        landing.answer(token=request.landing_token, score=9)
    return made


def test_an_answer_names_the_campaign_and_the_step_that_asked(
    api: FeedbackAPI, campaign: Campaign, django_assert_num_queries: Any
) -> None:
    first, second = queries.steps_of(campaign)
    api.get("feedback")
    with django_assert_num_queries(2):
        rows = api.ok(api.get("feedback?sort_by=created-asc"))["data"]
    assert [(row["campaign"], row["campaign_step"]) for row in rows] == [
        (campaign.public_id, first.public_id),
        (campaign.public_id, first.public_id),
        (campaign.public_id, second.public_id),
        (None, None),
    ]
    assert api.ok(api.get(f"feedback/{rows[2]['id']}")) == rows[2]
    by_campaign = api.ids(f"feedback?campaign={campaign.public_id}&sort_by=created-asc")
    assert by_campaign == [row["id"] for row in rows[:3]]
    assert api.ids(f"feedback?campaign_step={second.public_id}") == [rows[2]["id"]]


def test_the_list_of_requests_holds_those_that_stand_alone(api: FeedbackAPI, campaign: Campaign) -> None:
    [alone] = api.ids("feedback-request")
    assert FeedbackRequest.objects.get(public_id=alone).campaign_step is None


def test_charlie_knows_no_campaign_and_no_step_of_alices(charlies_api: FeedbackAPI, campaign: Campaign) -> None:
    refused(charlies_api.get(f"feedback?campaign={campaign.public_id}"), 400, "campaign")
    step = queries.steps_of(campaign)[0]
    refused(charlies_api.get(f"feedback?campaign_step={step.public_id}"), 400, "campaign_step")


def test_adding_a_customer_starts_a_campaign_once_and_for_all(api: FeedbackAPI, account: Account) -> None:
    running(account, (("email", 0),))
    fields = {"email": "jane@example.com", "location": location_of(account).public_id}
    id = api.ok(api.post("customers", fields))["id"]
    go()
    assert FeedbackRequest.objects.count() == 1
    api.ok(api.post("customers", fields))
    api.ok(api.delete(f"customers/{id}"))
    assert api.ok(api.post("customers", fields))["id"] == id
    go()
    assert FeedbackRequest.objects.count() == 1


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_feedback_is_only_read(api: FeedbackAPI, many: list[Response], method: str) -> None:
    refused(api.call(method, f"feedback/{many[0].public_id}"), 405)
    refused(api.call(method, "feedback"), 405)


def test_bob_sees_what_alice_has(bobs_api: FeedbackAPI, many: list[Response]) -> None:
    assert len(bobs_api.ids("feedback")) == 5


def test_charlie_sees_nothing(charlies_api: FeedbackAPI, many: list[Response]) -> None:
    assert charlies_api.ids("feedback") == []
    absent = refused(charlies_api.get("feedback/absent"), 404)
    assert refused(charlies_api.get(f"feedback/{many[0].public_id}"), 404) == absent
    refused(charlies_api.get(f"feedback?location={Location.objects.get().public_id}"), 400, "location")
