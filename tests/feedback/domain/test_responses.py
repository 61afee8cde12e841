"""Answers: a score once, a comment once, and an item for an unhappy one with words."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from accounts.domain import actors
from accounts.models import Account
from crm.models import Customer, Location
from feedback.domain import promotion, responses
from feedback.models import FeedbackItem, FeedbackRecord, Response
from feedbackhub.errors import Invalid


@pytest.fixture
def location(account: Account) -> Location:
    return Location.objects.create(account=account, name="Main Street", country_code="AT")


@pytest.fixture
def customer(account: Account) -> Customer:
    return Customer.objects.create(account=account, email="jane@example.com", fname="Jane", sname="Doe")


def submit(account: Account, kind: str, score: Any, **more: Any) -> Response:
    return responses.submit(account=account, kind=kind, score=score, actor=actors.PERSON, **more)


@pytest.mark.django_db
class TestScores:
    @pytest.mark.parametrize(
        ("kind", "score", "stored"),
        [
            ("nps", 0, ("nps", 0.0, 10, None)),
            ("nps", 10, ("nps", 10.0, 10, None)),
            ("star-rating", 4, ("rating", 4.0, 5, None)),
            ("happy", True, ("boolean", None, None, True)),
            ("happy", False, ("boolean", None, None, False)),
        ],
    )
    def test_a_score_is_one_typed_record(self, account: Account, kind: str, score: Any, stored: Any) -> None:
        response = submit(account, kind, score)

        record = FeedbackRecord.objects.get()
        assert (record.field_type, record.value_number, record.value_scale, record.value_boolean) == stored
        assert (record.contract, record.submission_id, record.field_id) == ("request", response.public_id, kind)
        assert Response.objects.get() == response
        assert responses.score_of(response) == score
        assert response.comment is None

    def test_the_record_says_whose_and_where_it_was(
        self, account: Account, customer: Customer, location: Location
    ) -> None:
        response = submit(
            account,
            "nps",
            7,
            customer=customer,
            location=location,
            source_id="gd7TdO",
            question="How likely?",
            metadata={"a": 1},
        )

        record = FeedbackRecord.objects.get()
        assert (record.customer, record.location, record.language) == (customer, location, "en")
        assert (record.source_type, record.source_id, record.field_label) == (
            "feedback_request",
            "gd7TdO",
            "How likely?",
        )
        assert record.metadata == {"a": 1}
        assert (response.customer, response.location) == (customer, location)

    def test_a_kiosk_answer_says_so(self, account: Account) -> None:
        submit(account, "nps", 7, channel="kiosk")
        assert FeedbackRecord.objects.get().source_type == "kiosk"

    def test_an_answer_of_the_past_keeps_its_time(self, account: Account) -> None:
        at = datetime(2026, 3, 1, 12, tzinfo=UTC)
        submit(account, "nps", 7, comment="Fine", at=at)

        assert Response.objects.get().created_at == at
        assert set(FeedbackRecord.objects.values_list("collected_at", flat=True)) == {at}

    @pytest.mark.parametrize(
        ("kind", "score"),
        [
            ("nps", -1),
            ("nps", 11),
            ("nps", True),
            ("nps", 7.5),
            ("star-rating", 0),
            ("star-rating", 6),
            ("star-rating", False),
            ("happy", 1),
            ("happy", None),
        ],
    )
    def test_a_score_off_its_scale_is_refused_and_nothing_is_stored(
        self, account: Account, kind: str, score: Any
    ) -> None:
        with pytest.raises(Invalid) as caught:
            submit(account, kind, score)
        assert [problem.name for problem in caught.value.problems] == ["score"]
        assert (Response.objects.count(), FeedbackRecord.objects.count()) == (0, 0)


@pytest.mark.django_db
class TestComments:
    def test_a_comment_is_a_second_record_of_the_same_sitting(self, account: Account, customer: Customer) -> None:
        response = submit(account, "nps", 9, customer=customer)

        assert responses.add_comment(response=response, comment="  Lovely\r\nbread \x00 ", actor=actors.PERSON)

        record = FeedbackRecord.objects.get(field_id="comment")
        assert (record.field_type, record.value_text) == ("text", "Lovely\nbread")
        assert (record.submission_id, record.customer) == (response.public_id, customer)
        assert Response.objects.get().comment == record

    def test_a_second_comment_changes_nothing(self, account: Account) -> None:
        response = submit(account, "nps", 2, comment="Cold")

        assert not responses.add_comment(response=response, comment="Warm", actor=actors.PERSON)

        assert FeedbackRecord.objects.get(field_id="comment").value_text == "Cold"
        assert FeedbackItem.objects.count() == 1

    @pytest.mark.parametrize("comment", ["", "  \n ", "\x00"])
    def test_saying_nothing_stores_nothing(self, account: Account, comment: str) -> None:
        response = submit(account, "nps", 2)
        assert not responses.add_comment(response=response, comment=comment, actor=actors.PERSON)
        assert FeedbackRecord.objects.count() == 1

    def test_a_comment_may_have_five_thousand_characters_and_no_more(self, account: Account) -> None:
        response = submit(account, "nps", 9)
        with pytest.raises(Invalid, match="Keep the comment within 5000 characters; it has 5001"):
            responses.add_comment(response=response, comment="x" * 5001, actor=actors.PERSON)
        # A browser counts a line end as one character and sends two.
        assert responses.add_comment(response=response, comment="\r\n".join("x" * 2500) + "y", actor=actors.PERSON)


@pytest.mark.django_db
class TestPromotion:
    @pytest.mark.parametrize(
        ("kind", "score", "unhappy"),
        [
            ("nps", 6, True),
            ("nps", 7, False),
            ("nps", 0, True),
            ("star-rating", 3, True),
            ("star-rating", 4, False),
            ("happy", False, True),
            ("happy", True, False),
        ],
    )
    def test_an_unhappy_answer_with_words_becomes_an_item(
        self, account: Account, kind: str, score: Any, unhappy: bool
    ) -> None:
        submit(account, kind, score, comment="Too slow")
        assert FeedbackItem.objects.count() == int(unhappy)

    def test_an_unhappy_answer_without_words_does_not(self, account: Account) -> None:
        submit(account, "nps", 0)
        assert FeedbackItem.objects.count() == 0

    def test_the_item_is_a_complaint_with_the_records_as_evidence(
        self, account: Account, customer: Customer, location: Location
    ) -> None:
        response = submit(account, "happy", False, comment="Too slow", customer=customer, location=location)

        item = FeedbackItem.objects.get()
        assert (item.account, item.type, item.status, item.channel) == (account, "complaint", "new", "request")
        assert (item.message, item.customer, item.location) == ("Too slow", customer, location)
        assert set(item.evidence.values_list("record", flat=True)) == {response.score_id, response.comment_id}

    def test_a_kiosk_answer_becomes_a_kiosk_item(self, account: Account) -> None:
        submit(account, "star-rating", 1, comment="Dirty", channel="kiosk")
        assert FeedbackItem.objects.get().channel == "kiosk"

    def test_promoting_again_makes_no_second_item(self, account: Account) -> None:
        response = submit(account, "nps", 1, comment="Too slow")
        assert promotion.promote(response=response, actor=actors.PERSON) is None
        assert FeedbackItem.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_comments_at_once_become_one_record_and_one_item(account: Account) -> None:
    response = submit(account, "nps", 1)
    together = Barrier(2, timeout=5)

    def comment(words: str) -> bool:
        try:
            mine = Response.objects.get(pk=response.pk)
            together.wait()
            return responses.add_comment(response=mine, comment=words, actor=actors.PERSON)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        stored = list(pool.map(comment, ["Too slow", "Too cold"]))

    assert sorted(stored) == [False, True]
    assert FeedbackRecord.objects.filter(field_id="comment").count() == 1
    assert FeedbackItem.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "score", "mood"),
    [
        *[("nps", 6, "bad"), ("nps", 7, "neutral"), ("nps", 8, "neutral"), ("nps", 9, "good")],
        *[("star-rating", 3, "bad"), ("star-rating", 4, "good"), ("happy", False, "bad"), ("happy", True, "good")],
    ],
)
def test_a_passive_is_neither_happy_nor_unhappy(account: Account, kind: str, score: Any, mood: str) -> None:
    assert promotion.mood(submit(account, kind, score)) == mood
