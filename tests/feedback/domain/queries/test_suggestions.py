"""Items that another one may repeat."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from feedback.domain import duplicates, triage
from feedback.domain.queries import suggestions
from feedback.models import FeedbackItem
from tests.feedback.domain.test_triage import make_item

EXPORT = "The export hangs at 90 % when the range is longer than a year."
NEAR = "Export hangs at 90% if range is longer than one year"


def like(item: FeedbackItem) -> list[FeedbackItem]:
    return [each.item for each in suggestions.like(item=item)]


def test_the_likeliest_come_first_with_why(account):
    item = make_item(account, EXPORT, route="/reports")
    near = make_item(account, NEAR)
    same = make_item(account, EXPORT.upper(), route="/reports")
    make_item(account, "A dark theme, please.", route="/reports")
    first, second = suggestions.like(item=item)
    assert (first.item, first.percent, first.likeness.reasons[1:]) == (same, 100, ("same route /reports",))
    assert first.likeness.reasons[0].startswith("100 % alike: “the export hangs at")
    assert (second.item, second.percent) == (near, 82)
    assert second.likeness.reasons == ("82 % alike: “range is longer than”",)


def test_at_most_five_are_suggested(account):
    item = make_item(account, EXPORT)
    for _ in range(7):
        make_item(account, NEAR)
    assert len(like(item)) == 5


def test_neither_spam_nor_duplicates_nor_another_accounts_are_suggested(account, other_account, alice):
    item = make_item(account, EXPORT)
    root = make_item(account, NEAR)
    duplicates.merge(item=make_item(account, NEAR), into=root, actor=alice.actor)
    triage.set_status(item=make_item(account, NEAR), status="spam", actor=alice.actor)
    make_item(other_account, EXPORT)
    assert like(item) == [root]


def test_nothing_is_suggested_for_a_duplicate(account, alice):
    item, root = make_item(account, EXPORT), make_item(account, "Something else")
    make_item(account, NEAR)
    duplicates.merge(item=item, into=root, actor=alice.actor)
    assert like(item) == []


@pytest.mark.parametrize("message", ["?!", "   .", "a" * 100_000, "' | \\ & !account1:*", "\\", "it''s"])
def test_odd_texts_are_looked_at_calmly(account, message):
    item = make_item(account, message)
    make_item(account, "Something else")
    assert like(item) == []


@pytest.fixture
def crowded(account, monkeypatch):
    """An account with more items than are compared directly."""
    monkeypatch.setattr(suggestions, "NEWEST", 5)
    monkeypatch.setattr(suggestions, "RARE", 1)
    old = make_item(account, EXPORT)
    FeedbackItem.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=400))
    for number in range(8):
        make_item(account, f"The page of invoice {number} is slow when it is opened")
    return old


def test_an_old_one_is_found_by_its_rarest_words(account, crowded):
    assert like(make_item(account, NEAR)) == [crowded]


def test_an_old_one_is_found_by_the_same_words_even_when_it_is_done(account, crowded, alice):
    triage.set_status(item=crowded, status="shipped", actor=alice.actor)
    assert like(make_item(account, EXPORT.lower())) == [crowded]
    assert crowded not in like(make_item(account, NEAR))


def test_suggestions_cost_the_same_with_one_and_with_three(account, django_assert_num_queries):
    item = make_item(account, EXPORT)
    for number in (1, 3):
        while FeedbackItem.objects.filter(message=NEAR).count() < number:
            make_item(account, NEAR)
        with django_assert_num_queries(5):  # newest, rare words, same words, told apart, the rows shown
            assert len(like(item)) == number


def test_pairs_of_open_items_the_likeliest_first(account, other_account, alice):
    dark, theme = make_item(account, "A dark theme, please."), make_item(account, "Please add a dark theme")
    one, other = make_item(account, EXPORT), make_item(account, EXPORT)
    triage.set_status(item=make_item(account, EXPORT), status="closed", actor=alice.actor)
    make_item(other_account, EXPORT)
    found = [(pair.earlier, pair.later, pair.percent) for pair in suggestions.pairs(account=account)]
    assert found == [(one, other, 100), (dark, theme, 89)]
    duplicates.merge(item=other, into=one, actor=alice.actor)
    assert len(suggestions.pairs(account=account)) == 1


def test_pairs_cost_the_same_with_one_and_with_three(account, django_assert_num_queries):
    for words in (EXPORT, "A dark theme, please.", "The invoice shows last month's address"):
        for _ in range(2):
            make_item(account, words)
        with django_assert_num_queries(3):  # the newest, told apart, the rows shown
            assert suggestions.pairs(account=account)


def test_a_word_that_everybody_says_joins_no_pair(account, monkeypatch):
    monkeypatch.setattr(suggestions, "COMMON", 2)
    for _ in range(3):
        make_item(account, "export hangs")
    assert suggestions.pairs(account=account) == []
