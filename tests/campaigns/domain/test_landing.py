"""The landing page's rules: looking stores nothing, answering stores once, everyone sees the same review links."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pghistory.models
import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Account
from campaigns.domain import landing
from campaigns.domain.landing import Closed, Step
from campaigns.models import FeedbackRequest, MessageTemplate
from crm.models import Customer, Location
from feedback.models import FeedbackItem, FeedbackRecord, Response
from feedbackhub.errors import Invalid, NotFound
from reviews.models import Platform, ReviewProfile

pytestmark = pytest.mark.django_db


@pytest.fixture
def location(account: Account) -> Location:
    return Location.objects.create(account=account, name="Main Street", country_code="AT")


def ask(account: Account, location: Location, question: str = "nps", **more: Any) -> FeedbackRequest:
    template = MessageTemplate.objects.create(
        account=account, name="Ask", channel="sms", question=question, body="{{ link }}"
    )
    customer = Customer.objects.create(account=account, email=f"{question}@example.com", fname="Jane", sname="Doe")
    return FeedbackRequest.objects.create(
        account=account,
        customer=customer,
        template=template,
        location=location,
        due_at=more.pop("due_at", timezone.now()),
        **more,
    )


@pytest.fixture
def request_(account: Account, location: Location) -> FeedbackRequest:
    return ask(account, location)


def add_profile(location: Location, name: str, url: str) -> ReviewProfile:
    platform, _ = Platform.objects.get_or_create(slug=name.lower(), defaults={"name": name})
    return ReviewProfile.objects.create(account=location.account, location=location, platform=platform, url=url)


class TestLooking:
    def test_the_page_asks_the_templates_question(self, account: Account, location: Location) -> None:
        shown = {kind: landing.view(token=ask(account, location, kind).landing_token) for kind in Response.Kind.values}

        assert {kind: (page.step, page.kind, page.question) for kind, page in shown.items()} == {
            "nps": (
                Step.QUESTION,
                "nps",
                "question_nps",
            ),
            "star-rating": (
                Step.QUESTION,
                "star-rating",
                "question_stars",
            ),
            "happy": (Step.QUESTION, "happy", "question_happy"),
        }

    def test_looking_stores_nothing(self, request_: FeedbackRequest) -> None:
        before = FeedbackRequest.objects.values().get()
        landing.view(token=request_.landing_token)
        assert FeedbackRequest.objects.values().get() == before
        assert Response.objects.count() == 0

    def test_looking_is_one_query(self, request_: FeedbackRequest, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(1):
            landing.view(token=request_.landing_token)

    def test_the_review_links_cost_one_more_query(
        self, request_: FeedbackRequest, location: Location, django_assert_num_queries: Any
    ) -> None:
        for n in range(3):
            add_profile(location, f"P{n}", f"https://p{n}.example/")
        landing.answer(token=request_.landing_token, score=3)
        with django_assert_num_queries(2):
            landing.view(token=request_.landing_token, skip_comment=True)

    @pytest.mark.parametrize("token", ["", "x", "A" * 24, "A" * 400, "../../etc/passwd", "a\x00" * 12, "ä" * 24])
    def test_a_token_that_is_nobodys_is_not_found(self, request_: FeedbackRequest, token: str) -> None:
        with pytest.raises(NotFound):
            landing.view(token=token)
        with pytest.raises(NotFound):
            landing.answer(token=token, score=1)

    def test_a_deleted_accounts_links_are_gone(self, request_: FeedbackRequest) -> None:
        Account.objects.update(deleted_at=timezone.now())
        with pytest.raises(NotFound):
            landing.view(token=request_.landing_token)

    def test_the_location_is_named_unless_it_is_the_business_itself(
        self, account: Account, request_: FeedbackRequest, location: Location
    ) -> None:
        assert landing.view(token=request_.landing_token).location == "Main Street"
        Location.objects.update(name=account.display_name)
        assert landing.view(token=request_.landing_token).location == ""


class TestAnswering:
    def test_a_score_is_stored_and_the_request_moves(
        self, request_: FeedbackRequest, account: Account, location: Location
    ) -> None:
        page = landing.answer(token=request_.landing_token, score=8)

        assert (page.step, page.score, page.unhappy) == (Step.COMMENT, 8, False)
        response = Response.objects.get()
        assert (response.account, response.kind, response.customer, response.location) == (
            account,
            "nps",
            request_.customer,
            location,
        )
        label = "How likely are you to recommend Alice's Bakery to a friend or colleague?"
        assert (response.score.source_id, response.score.field_label) == (request_.public_id, label)
        now = FeedbackRequest.objects.get()
        assert now.response == response
        assert now.clicked_at is not None
        assert now.updated_at > request_.updated_at

    def test_a_second_score_changes_nothing(self, request_: FeedbackRequest) -> None:
        landing.answer(token=request_.landing_token, score=8)
        before = FeedbackRequest.objects.get().updated_at

        page = landing.answer(token=request_.landing_token, score=1)

        assert page.score == 8
        assert FeedbackRecord.objects.get().value_number == 8
        assert FeedbackRequest.objects.get().updated_at == before

    def test_a_comment_follows_and_moves_the_request_again(self, request_: FeedbackRequest) -> None:
        landing.answer(token=request_.landing_token, score=2)
        before = FeedbackRequest.objects.get().updated_at

        page = landing.answer(token=request_.landing_token, comment="Too slow")

        assert (page.step, page.commented, page.unhappy) == (Step.DONE, True, True)
        response = Response.objects.get()
        assert response.comment is not None
        assert response.comment.value_text == "Too slow"
        assert FeedbackRequest.objects.get().updated_at > before
        item = FeedbackItem.objects.get()
        assert (item.message, item.customer, item.location) == ("Too slow", request_.customer, request_.location)

    def test_a_comment_before_the_score_is_not_stored(self, request_: FeedbackRequest) -> None:
        assert landing.answer(token=request_.landing_token, comment="Too slow").step == Step.QUESTION
        assert FeedbackRecord.objects.count() == 0

    def test_score_and_comment_may_come_together(self, request_: FeedbackRequest) -> None:
        page = landing.answer(token=request_.landing_token, score=9, comment="Lovely")
        assert (page.step, page.score, page.commented) == (Step.DONE, 9, True)

    def test_a_bad_comment_stores_no_half_answer(self, request_: FeedbackRequest) -> None:
        with pytest.raises(Invalid):
            landing.answer(token=request_.landing_token, score=9, comment="x" * 5001)
        assert Response.objects.count() == 0
        assert FeedbackRequest.objects.get().response is None

    def test_suspicions_are_kept_with_the_score(self, request_: FeedbackRequest) -> None:
        landing.answer(token=request_.landing_token, score=9, suspicions=["fast"])
        assert FeedbackRecord.objects.get().metadata == {"suspicions": ["fast"]}

    def test_the_person_is_the_one_who_acts(self, request_: FeedbackRequest) -> None:
        landing.answer(token=request_.landing_token, score=9)
        events = pghistory.models.Events.objects.tracks(FeedbackRequest.objects.get()).filter(pgh_label="update")
        assert [event.pgh_context["actor"] for event in events] == [f"person:{request_.customer.public_id}"]

    def test_a_human_on_the_page_is_noted_once(self, request_: FeedbackRequest) -> None:
        landing.seen(token=request_.landing_token)
        first = FeedbackRequest.objects.get()
        landing.seen(token=request_.landing_token)
        again = FeedbackRequest.objects.get()

        assert first.clicked_at is not None
        assert first.updated_at > request_.updated_at
        assert (again.clicked_at, again.updated_at) == (first.clicked_at, first.updated_at)


class TestClosedPages:
    def close(self, how: str) -> None:
        match how:
            case "account":
                Account.objects.update(active=False)
            case "location":
                Location.objects.update(deleted_at=timezone.now())
            case "expired":
                then = timezone.now() - landing.LINK_LIFE - timedelta(seconds=1)
                FeedbackRequest.objects.update(due_at=then, created_at=then)

    @pytest.mark.parametrize("how", list(Closed))
    def test_a_closed_page_says_why_and_stores_nothing(self, request_: FeedbackRequest, how: str) -> None:
        self.close(how)

        assert landing.view(token=request_.landing_token).closed == how
        assert landing.answer(token=request_.landing_token, score=9, comment="Hi").closed == how
        assert Response.objects.count() == 0

    def test_an_answered_page_outlives_the_link_but_takes_no_comment(self, request_: FeedbackRequest) -> None:
        landing.answer(token=request_.landing_token, score=9)
        self.close("expired")

        page = landing.answer(token=request_.landing_token, comment="Hi")
        assert (page.step, page.closed, page.commented) == (Step.DONE, None, False)

    def test_a_request_for_later_is_open_for_its_life_from_then_on(self, account: Account, location: Location) -> None:
        late = ask(account, location, due_at=timezone.now() + timedelta(days=300))
        soon_after = timezone.now() + timedelta(days=400)
        assert landing.view(token=late.landing_token, now=soon_after).step == Step.QUESTION

    def test_a_closed_page_sends_nobody_on(self, request_: FeedbackRequest, location: Location) -> None:
        profile = add_profile(location, "Google", "https://google.example/a")
        key = landing.review_links(location=location)[0].key
        self.close("location")
        with pytest.raises(NotFound):
            landing.follow(token=request_.landing_token, key=key)
        assert profile.url == "https://google.example/a"


class TestReviewLinks:
    def test_every_score_sees_the_same_links_in_the_same_order(self, account: Account, location: Location) -> None:
        add_profile(location, "Yelp", "https://yelp.example/a")
        add_profile(location, "Google", "https://google.example/a")
        add_profile(location, "Google", "https://google.example/b")
        answers: list[tuple[str, int | bool]] = [
            *(("nps", score) for score in range(11)),
            *(("star-rating", score) for score in range(1, 6)),
            ("happy", True),
            ("happy", False),
        ]
        seen = set()
        for kind, score in answers:
            Customer.objects.update(email=None)
            token = ask(account, location, kind).landing_token
            landing.answer(token=token, score=score)
            seen.add(landing.view(token=token, skip_comment=True).review_links)
            seen.add(landing.answer(token=token, comment="Because").review_links)

        (links,) = seen
        assert [(link.platform, link.url) for link in links] == [
            ("Yelp", "https://yelp.example/a"),
            ("Google", "https://google.example/a"),
            ("Google", "https://google.example/b"),
        ]

    def test_following_one_is_noted_and_leads_to_the_stored_address(
        self, request_: FeedbackRequest, location: Location
    ) -> None:
        add_profile(location, "Google", "https://google.example/a?x=1")
        (link,) = landing.answer(token=request_.landing_token, score=2, comment="Slow").review_links
        before = FeedbackRequest.objects.get().updated_at

        assert landing.follow(token=request_.landing_token, key=link.key) == "https://google.example/a?x=1"

        assert Response.objects.get().platform_name == "Google"
        assert FeedbackRequest.objects.get().updated_at > before

    def test_another_locations_link_leads_nowhere(
        self, request_: FeedbackRequest, account: Account, other_account: Account
    ) -> None:
        elsewhere = Location.objects.create(account=other_account, name="Garage", country_code="AT")
        add_profile(elsewhere, "Google", "https://google.example/garage")
        (link,) = landing.review_links(location=elsewhere)
        with pytest.raises(NotFound):
            landing.follow(token=request_.landing_token, key=link.key)

    def test_an_address_that_is_not_of_the_web_is_never_shown(self, location: Location) -> None:
        add_profile(location, "Odd", "javascript:alert(1)")
        assert landing.review_links(location=location) == ()


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_become_one(account: Account, location: Location) -> None:
    token = ask(account, location).landing_token
    together = Barrier(4, timeout=5)

    def answer(score: int) -> object:
        try:
            together.wait()
            return landing.answer(token=token, score=score).score
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        shown = set(pool.map(answer, [1, 4, 7, 10]))

    response = Response.objects.get()
    assert FeedbackRecord.objects.get() == response.score
    assert shown == {response.score.value_number}
    assert FeedbackRequest.objects.get().response == response
