"""What becomes of a sitting: an item with the effects of the first rule, once."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.domain import accounts, actors, members
from accounts.domain.queries import history
from accounts.models import Account, Membership
from crm.models import Location
from feedback.domain import labels, responses, thumbs
from feedback.domain.queries import rules as queries
from feedback.domain.rules import editing, queue, sorting
from feedback.domain.thumbs import ThumbDraft
from feedback.models import FeedbackItem, FeedbackRecord, TriageRule
from reviews.domain import reviews
from reviews.domain.reviews import ReviewDraft
from reviews.models import Platform
from tests.conftest import Person
from tests.feedback.domain.rules.making import rule_of, store

BY = actors.SYSTEM
pytestmark = pytest.mark.django_db


def answer(account: Account, score: int, comment: str = "", **more: Any) -> FeedbackItem | None:
    responses.submit(account=account, kind="nps", score=score, comment=comment, actor=actors.PERSON, **more)
    return FeedbackItem.objects.order_by("-created_at", "-pk").first()


class TestTheBuiltInRule:
    def test_an_account_that_is_made_has_it_as_a_row(self) -> None:
        account = accounts.create(name="New", actor=BY)
        (rule,) = queries.rules_of(account)
        assert (rule.built_in, rule.enabled, rule.signal, rule.compare, rule.has_words, rule.item_type) == (
            True,
            True,
            "answer",
            "unhappy",
            True,
            "complaint",
        )

    def test_an_unhappy_answer_with_words_becomes_a_complaint(self, account: Account) -> None:
        editing.begin(account=account)
        item = answer(account, 3, "Cold coffee")
        assert item is not None
        assert (item.type, item.message, item.channel, item.status) == ("complaint", "Cold coffee", "request", "new")
        assert [row.record.field_type for row in item.evidence.order_by("pk")] == ["nps", "text"]

    def test_switched_off_it_makes_nothing(self, account: Account, alice: Person) -> None:
        editing.begin(account=account)
        editing.switch(rule=queries.rules_of(account).get(), on=False, actor=alice.actor)
        assert answer(account, 3, "Cold coffee") is None

    def test_changed_to_another_kind_it_does_not_come_back(self, account: Account, alice: Person) -> None:
        editing.begin(account=account)
        rule = queries.rules_of(account).get()
        editing.update(rule=rule, actor=alice.actor, signal="review", field_type="")
        assert answer(account, 3, "Cold coffee") is None

    def test_there_is_one_an_account(self, account: Account) -> None:
        editing.begin(account=account)
        with pytest.raises(IntegrityError, match="rule_built_in_once"), transaction.atomic():
            editing.begin(account=account)


class TestEffects:
    def test_the_item_has_all_of_them(self, account: Account, bob: Person) -> None:
        till = labels.create(account=account, name="Till", actor=BY)
        rule = rule_of(
            account,
            "answer",
            labels=[till],
            name="Money back",
            words=["refund"],
            item_type="bug",
            area="Till",
            status="planned",
            people=[bob.user],
        )
        item = answer(account, 9, "A refund, please")
        assert item is not None
        assert (item.type, item.area, item.status, item.assignee) == ("bug", "Till", "planned", bob.user)
        assert [row.label for row in item.item_labels.all()] == [till]
        assert item.reviewed_by == f"system:rule-{rule.pk}"
        assert "Rule “Money back”" in {change.who for change in history.of_row(row=item)}

    def test_people_take_turns_and_whoever_left_is_passed_over(
        self, account: Account, alice: Person, bob: Person
    ) -> None:
        rule = rule_of(account, "answer", people=[alice.user, bob.user])
        given = [getattr(answer(account, 5), "assignee", None) for _ in range(4)]
        assert given == [bob.user, alice.user, bob.user, alice.user]

        members.leave(Membership.objects.get(user=bob.user), actor=alice.actor)
        assert sorting.able(rule) == ([alice.user], [bob.user])
        assert [getattr(answer(account, 5), "assignee", None) for _ in range(2)] == [alice.user, alice.user]

        members.leave(Membership.objects.get(user=alice.user), actor=BY)
        item = answer(account, 5)
        assert item is not None
        assert item.assignee is None

    def test_spam_is_kept_in_its_folder(self, account: Account) -> None:
        rule_of(account, "answer", words=["casino"], status="spam", item_type="other")
        item = answer(account, 2, "Best CASINO in town")
        assert item is not None
        assert (item.status, item.message, item.closed_at is not None) == ("spam", "Best CASINO in town", True)

    def test_the_first_rule_counts(self, account: Account) -> None:
        rule_of(account, "answer", item_type="bug")
        rule_of(account, "answer", item_type="praise", compare="happy")
        assert [getattr(answer(account, score), "type", None) for score in (10, 2)] == ["praise", "bug"]


class TestOnce:
    def test_words_that_come_after_the_score_go_to_the_same_item(self, account: Account) -> None:
        rule_of(account, "answer", compare="unhappy")
        response = responses.submit(account=account, kind="nps", score=3, actor=actors.PERSON)
        assert FeedbackItem.objects.get().message == "NPS 3 of 10, without words"

        responses.add_comment(response=response, comment="Cold", actor=actors.PERSON)
        item = FeedbackItem.objects.get()
        assert (item.message, item.version, item.evidence.count()) == ("Cold", 2, 2)

    def test_one_sitting_is_one_item_by_constraint(self, account: Account) -> None:
        item = answer(account, 2, "Cold")
        assert item is not None
        with pytest.raises(IntegrityError, match="item_origin_once"), transaction.atomic():
            FeedbackItem.objects.create(account=account, channel="request", message="Again", origin=item.origin)

    def test_whoever_comes_second_makes_none(self, account: Account) -> None:
        rule = rule_of(account)
        store(account, value_number=3)
        (found,) = sorting_of(account)
        assert sorting.make(rule=rule, sitting=found, actor=BY) is not None
        assert sorting.make(rule=rule, sitting=found, actor=BY) is None
        assert FeedbackItem.objects.count() == 1


def sorting_of(account: Account) -> Any:
    from feedback.domain.rules import sittings

    return sittings.of_keys(account=account, keys=[("hub", "", "s1")])


class TestThumbs:
    def test_a_thumb_down_becomes_an_item_and_its_words_follow(self, account: Account) -> None:
        rule_of(account, "thumb", compare="unhappy", item_type="confusing")
        thumbs.log(account=account, draft=ThumbDraft(id="t1", positive=False, message_id="m1"), actor=BY)
        assert queue.run() == 1
        item = FeedbackItem.objects.get()
        assert (item.type, item.channel, item.message) == ("confusing", "ai_reply", "Unhappy, without words")

        said = ThumbDraft(id="t1", positive=False, message_id="m1", text="Wrong page", sent={"details": "Wrong page"})
        thumbs.log(account=account, draft=said, actor=BY)
        assert queue.run() == 1
        assert FeedbackItem.objects.get().message == "Wrong page"

    def test_a_thumb_up_becomes_none(self, account: Account) -> None:
        rule_of(account, "thumb", compare="unhappy")
        thumbs.log(account=account, draft=ThumbDraft(id="t1", positive=True, message_id="m1"), actor=BY)
        queue.run()
        assert FeedbackItem.objects.count() == 0


class TestReviews:
    def review(self, account: Account, rating: float | None, **words: Any) -> None:
        location, _ = Location.objects.get_or_create(account=account, name="Main Street", country_code="AT")
        platform, _ = Platform.objects.get_or_create(slug="example", defaults={"name": "Example Reviews"})
        draft = ReviewDraft(platform=platform, rating=rating, **words)
        reviews.create(account=account, location=location, draft=draft, actor=BY)

    def test_a_bad_one_becomes_an_item_with_its_words_and_place(self, account: Account) -> None:
        rule_of(account, "review", compare="at_most", bound=3)
        self.review(account, 4, description="Fine")
        self.review(account, 2, title="Meh", description="Too loud")
        item = FeedbackItem.objects.get()
        assert (item.channel, item.message, str(item.location)) == ("review", "Meh\n\nToo loud", "Main Street")
        assert item.evidence.get().record.value_number == 2

    def test_one_without_stars_counts_by_its_words(self, account: Account) -> None:
        rule_of(account, "review", words=["loud"])
        self.review(account, None, description="Too loud")
        assert FeedbackItem.objects.get().message == "Too loud"


def test_rules_are_of_their_account_alone(account: Account, other_account: Account) -> None:
    rule_of(other_account, "answer")
    assert answer(account, 9) is None
    assert FeedbackRecord.objects.count() == 1
    assert TriageRule.objects.for_account(account).count() == 0


def test_a_score_alone_asks_the_rules_once(account: Account) -> None:
    with CaptureQueriesContext(connection) as captured:
        answer(account, 9)
    assert len([each for each in captured if "feedback_triagerule" in each["sql"]]) == 1
