"""The reviews noun, from outside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.domain.actors import SYSTEM
from accounts.models import Account
from crm.models import Location
from reviews.domain import reviews
from reviews.domain.reviews import ReviewDraft
from reviews.models import Platform, Review
from tests.feedbackapi import FeedbackAPI, refused

KEYS = [
    "id",
    "created",
    "title",
    "description",
    "location",
    "platform",
    "platform_name",
    "rating",
    "url",
    "reviewer_name",
    "reviewer_image",
    "reviewer_url",
]
DAY = datetime(2024, 12, 14, tzinfo=UTC)


@pytest.fixture
def home(account: Account) -> Location:
    return Location.objects.create(account=account, name="Home", country_code="US")


@pytest.fixture
def away(account: Account) -> Location:
    return Location.objects.create(account=account, name="Away", country_code="US")


@pytest.fixture
def site(db: None) -> Platform:
    return Platform.objects.create(slug="the-review-site", name="The Review Site")


@pytest.fixture
def other_site(db: None) -> Platform:
    return Platform.objects.create(slug="solicitor-reviews", name="Solicitor Reviews")


def review(location: Location, site: Platform, **fields: Any) -> Review:
    draft = ReviewDraft(platform=site, **{"reviewed_at": DAY, "rating": 5, **fields})
    return reviews.create(account=location.account, location=location, draft=draft, actor=SYSTEM)


def test_the_retrieve_sample_works(api: FeedbackAPI, home: Location, site: Platform) -> None:
    row = review(
        home,
        site,
        title="Possibly the best law firm ever!",
        description="What more can I say",
        url="https://thereview.site/reviews/12345",
        reviewer_name="John Doe",
        reviewer_image="https://thereview.site/john.png",
        reviewer_url="https://thereview.site/john",
    )
    body = api.ok(api.get(f"reviews/{row.public_id}"))
    assert list(body) == KEYS
    assert body == {
        "id": row.public_id,
        "created": 1734134400,
        "title": "Possibly the best law firm ever!",
        "description": "What more can I say",
        "location": home.public_id,
        "platform": site.public_id,
        "platform_name": "The Review Site",
        "rating": 5,
        "url": "https://thereview.site/reviews/12345",
        "reviewer_name": "John Doe",
        "reviewer_image": "https://thereview.site/john.png",
        "reviewer_url": "https://thereview.site/john",
    }


@pytest.mark.parametrize(
    ("rating", "scale", "shown"), [(4.5, 5, "4.5"), (9, 10, "4.5"), (10, 10, "5"), (2, 3, "3.33"), (None, 5, "null")]
)
def test_ratings_are_out_of_five(
    api: FeedbackAPI, home: Location, site: Platform, rating: float | None, scale: int, shown: str
) -> None:
    row = review(home, site, rating=rating, scale=scale, description="Words")
    answer = api.get(f"reviews/{row.public_id}/")
    assert f'"rating":{shown},' in answer.content.decode()
    assert [answer.json()[name] for name in ("title", "url", "reviewer_name", "reviewer_image", "reviewer_url")] == [
        None
    ] * 5


@pytest.fixture
def three(home: Location, away: Location, site: Platform, other_site: Platform) -> list[Review]:
    """Oldest first."""
    return [
        review(home, site, rating=5, title="b", reviewer_name="Zoe"),
        review(away, site, rating=2, reviewed_at=DAY + timedelta(days=1), title="a"),
        review(home, other_site, rating=None, description="Words", reviewed_at=DAY + timedelta(days=2)),
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("limit=20&created_after=1483228800", [2, 1, 0]),
        ("sort_by=created-asc", [0, 1, 2]),
        ("sort_by=rating-asc", [1, 0, 2]),
        ("sort_by=rating-desc", [0, 1, 2]),
        ("sort_by=title-asc", [1, 0, 2]),
        ("sort_by=platform_name-asc", [2, 0, 1]),
        ("sort_by=reviewer_name-desc", [0, 2, 1]),
        ("location={home}", [2, 0]),
        ("location={away}", [1]),
        ("platform={site}", [1, 0]),
        ("platform={site}&location={home}", [0]),
        ("rating_less_than=2", [1]),
        ("rating_less_than=1.99", []),
        ("rating_greater_than=2.0", [1, 0]),
        ("rating_greater_than=2.5&rating_less_than=5", [0]),
        ("created_after=2024-12-15T00:00:00Z", [2, 1]),
        ("created_before=2024-12-15T00:00:00Z", [1, 0]),
        ("created_before=1734134400", [0]),
    ],
)
def test_lists_filter_sort_and_page(
    api: FeedbackAPI,
    three: list[Review],
    home: Location,
    away: Location,
    site: Platform,
    query: str,
    expected: list[int],
) -> None:
    named = query.format(home=home.public_id, away=away.public_id, site=site.public_id)
    assert api.ids(f"reviews?{named}") == [three[index].public_id for index in expected]


@pytest.mark.parametrize(
    "query",
    ["rating_less_than=5.1", "rating_greater_than=-1", "rating_less_than=nan", "rating_less_than=1e0", "platform=none",
     "location=none", "sort_by=description-asc", "title=a"],
)  # fmt: skip
def test_a_list_names_the_parameter_at_fault(api: FeedbackAPI, query: str) -> None:
    refused(api.get(f"reviews?{query}"), 400, query.partition("=")[0])


def test_reviews_of_a_deleted_location_are_hidden(api: FeedbackAPI, three: list[Review], away: Location) -> None:
    api.ok(api.delete(f"locations/{away.public_id}"))
    assert api.ids("reviews") == [three[2].public_id, three[0].public_id]
    refused(api.get(f"reviews/{three[1].public_id}"), 404)


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_takes_two_queries_for_any_number(
    api: FeedbackAPI, home: Location, site: Platform, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        review(home, site)
    api.get("reviews")
    with django_assert_num_queries(2):
        assert api.ok(api.get("reviews"))["total_returned"] == count


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "PUT"])
def test_reviews_are_only_read(api: FeedbackAPI, three: list[Review], method: str) -> None:
    for path in ("reviews", f"reviews/{three[0].public_id}"):
        response = api.call(method, path)
        refused(response, 405)
        assert response["Allow"] == "GET, HEAD, OPTIONS"
    assert Review.objects.count() == 3


def test_bob_sees_what_alice_has(bobs_api: FeedbackAPI, three: list[Review]) -> None:
    assert len(bobs_api.ids("reviews")) == 3


def test_charlie_sees_nothing(charlies_api: FeedbackAPI, three: list[Review], home: Location) -> None:
    assert charlies_api.ids("reviews") == []
    absent = refused(charlies_api.get("reviews/absent"), 404)
    assert refused(charlies_api.get(f"reviews/{three[0].public_id}"), 404) == absent
    refused(charlies_api.get(f"reviews?location={home.public_id}"), 400, "location")
