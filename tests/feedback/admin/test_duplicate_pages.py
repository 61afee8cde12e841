"""Duplicates in the console: what looks like an item, what stands behind it, pairs to work through, many at once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, User
from crm.models import Customer
from feedback.domain import duplicates, responses, triage
from feedback.models import FeedbackItem, NotAlike
from tests.accounts.factories import agency
from tests.accounts.factories import client as client_of
from tests.feedback.admin.test_item_page import do, page
from tests.feedback.domain.test_triage import make_item

INBOX = reverse("admin:feedback_feedbackitem_changelist")
PAIRS = reverse("admin:feedback_feedbackitem_duplicates")
EXPORT = "The export hangs at 90 % when the range is longer than a year."
NEAR = "Export hangs at 90% if range is longer than one year"


def alike(client: Client, item: FeedbackItem, **asked: Any) -> str:
    path = reverse("admin:feedback_feedbackitem_alike", args=[item.pk])
    response = client.get(path, asked)
    assert response.status_code == 200
    return response.content.decode()


def under(item: FeedbackItem) -> Any:
    return FeedbackItem.objects.get(pk=item.pk).duplicate_of_id


@pytest.fixture
def item(account):
    return make_item(account, EXPORT)


@pytest.fixture
def near(account):
    return make_item(account, NEAR)


def test_what_an_item_looks_like_is_a_part_of_its_page_and_a_page(item, near, alice):
    hers = alice.signed_in()
    assert (
        f'data-alike="{reverse("admin:feedback_feedbackitem_alike", args=[item.pk])}?part"'
        in hers.get(page(item)).content.decode()
    )
    part, whole = alike(hers, item, part=""), alike(hers, item)
    for text in (part, whole):
        assert NEAR in text
        assert "82 % alike: “range is longer than”" in text
    assert ("<html" in part, "<html" in whole) == (False, True)


def test_without_anything_alike_it_says_what_to_do(item, alice):
    assert "No other item of this account says nearly the same." in alike(alice.signed_in(), item, part="")


def test_one_click_merges_either_way(item, near, alice):
    hers = alice.signed_in()
    text = do(hers, item, "repeats", near.pk, version=1)
    assert (under(item), under(near)) == (near.pk, None)
    assert f"Merged into “{NEAR}”." in text
    duplicates.unmerge(item=item, actor=alice.actor)
    do(hers, item, "repeated-by", near.pk, other_version=1)
    assert (under(item), under(near)) == (None, item.pk)


def test_a_merge_is_undone_by_the_button_in_the_message(item, near, alice):
    hers = alice.signed_in()
    text = do(hers, item, "repeats", near.pk)
    action = re.search(r'name="action" value="([^"]+)"', text)
    assert action
    hers.post(reverse("admin:feedback_feedbackitem_undo"), {"action": action[1]})
    assert under(item) is None


def test_a_stale_other_one_is_not_merged(item, near, alice, bob):
    triage.set_type(item=FeedbackItem.objects.get(pk=near.pk), type="bug", actor=bob.actor)
    do(alice.signed_in(), item, "repeated-by", near.pk, other_version=1)
    assert under(near) is None


def test_what_is_told_apart_is_gone_and_can_be_taken_back(item, near, alice):
    hers = alice.signed_in()
    do(hers, item, "apart", near.pk)
    text = alike(hers, item, part="")
    assert ("82 % alike" in text, "Told apart (1)" in text) == (False, True)
    assert "Alice said that it is something else" in " ".join(text.split())
    do(hers, near, "suggest-again", item.pk)
    assert "82 % alike" in alike(hers, item, part="")


def test_the_original_shows_everything_behind_it(account, item, near, alice):
    mia = Customer.objects.create(account=account, fname="Mia", sname="Kovac", email="mia@example.org")
    answer = responses.submit(account=account, kind="nps", score=9, actor=alice.actor)
    near.evidence.create(record=answer.score)
    third = make_item(account, "Third time", customer=mia)
    duplicates.merge(item=near, into=item, actor=alice.actor)
    duplicates.merge(item=third, into=near, actor=alice.actor)
    hers = alice.signed_in()
    text = hers.get(page(item)).content.decode()
    assert "Said 3 times by 3 people, this item included." in text
    assert ("Mia Kovac" in text, "NPS 9 of 10" in text, "said in a duplicate" in text) == (True, True, True)
    do(hers, third, "duplicate", "", next=page(item))
    assert "Said 2 times by 2 people" in hers.get(page(item)).content.decode()


def test_a_duplicate_of_a_duplicate_says_where_it_is_worked_on(account, item, near, alice):
    third = make_item(account, "Third time")
    duplicates.merge(item=third, into=near, actor=alice.actor)
    duplicates.merge(item=near, into=item, actor=alice.actor)
    hers = alice.signed_in()
    assert f'all of it is worked on in <a href="{page(item)}">' in hers.get(page(third)).content.decode()
    assert "all of it is worked on" not in hers.get(page(near)).content.decode()


def test_the_rule_for_later_arrivals_is_set_on_the_original(item, near, alice):
    duplicates.merge(item=near, into=item, actor=alice.actor)
    hers = alice.signed_in()
    text = do(hers, item, "takes-alike", "off", version=1)
    assert (item.takes_alike, "stays an item of its own" in text) == (False, True)
    do(hers, item, "takes-alike", "on")
    assert item.takes_alike is True


def test_a_restricted_person_reads_no_address_in_what_is_alike(account, item, alice):
    mia = Customer.objects.create(account=account, email="mia@example.org")
    make_item(account, NEAR, customer=mia)
    rita = User.objects.create_user("rita@example.com", name="Rita")
    Membership.objects.create(account=account, user=rita, role="restricted")
    theirs = Client()
    theirs.force_login(rita)
    assert ("mia@example.org" in alike(theirs, item), "mia@example.org" in alike(alice.signed_in(), item)) == (
        False,
        True,
    )


def test_charlie_sees_and_does_nothing(item, near, charlie):
    his = charlie.signed_in()
    mine = make_item(charlie.account, EXPORT)
    assert his.get(reverse("admin:feedback_feedbackitem_alike", args=[item.pk])).status_code == 404
    for verb in ("repeats", "repeated-by", "apart", "suggest-again", "takes-alike"):
        path = reverse("admin:feedback_feedbackitem_do", args=[item.pk, verb])
        assert his.post(path, {"value": near.pk}).status_code == 404
        assert "There is no such feedback item." in do(his, mine, verb, item.pk) or verb == "takes-alike"
    assert NEAR not in alike(his, mine)
    assert NEAR not in his.get(PAIRS).content.decode()
    assert (under(item), under(mine), NotAlike.objects.count()) == (None, None, 0)


@pytest.mark.parametrize("value", ["", "7", "x" * 200])
def test_odd_values_are_refused_calmly(item, alice, value):
    for verb in ("repeats", "repeated-by", "apart", "suggest-again"):
        assert "There is no such feedback item." in do(alice.signed_in(), item, verb, value)


def test_pairs_are_worked_through_with_progress(account, item, near, alice):
    hers = alice.signed_in()
    text = hers.get(PAIRS).content.decode()
    assert ("<strong>1 pair</strong>" in text, EXPORT in text, NEAR in text) == (True, True, True)
    led = re.search(r'name="next" value="([^"]+)"', text)
    assert led
    assert led[1] == f"{PAIRS}?done=1"
    do(hers, near, "repeats", item.pk, version=1, next=led[1])
    assert "All done: 1 decided" in hers.get(led[1]).content.decode()
    assert "Nothing looks alike" in hers.get(PAIRS).content.decode()
    for odd in ("x", "9" * 30, "-1"):
        assert hers.get(PAIRS, {"done": odd}).status_code == 200


def test_with_several_accounts_one_has_to_be_chosen(db):
    boss = agency()
    client_of(boss)
    ann = User.objects.create_user("ann@example.com", name="Ann")
    Membership.objects.create(account=boss, user=ann, role="owner")
    theirs = Client()
    theirs.force_login(ann)
    assert "Choose an account" in theirs.get(PAIRS).content.decode()


def test_many_are_merged_into_one_with_a_preview(account, item, near, alice):
    hers = alice.signed_in()
    third = make_item(account, "Third")
    chosen = {"action": "merge", "_selected_action": [str(each.pk) for each in (item, near, third)]}
    preview = hers.post(INBOX, {**chosen, "value": str(near.pk)}).content.decode()
    assert "2 of 3 will change" in preview
    assert under(item) is None
    versions = {f"version_{each.pk}": 1 for each in (item, near, third)}
    confirmed = {**chosen, "value": str(near.pk), "shown": str(near.pk), "confirmed": "yes", **versions}
    text = hers.post(INBOX, confirmed, follow=True).content.decode()
    assert f"Merged 2 items into “{NEAR}”." in text
    assert [under(each) for each in (item, near, third)] == [near.pk, None, near.pk]


def test_the_list_says_how_often_and_by_how_many(account, item, near, alice):
    duplicates.merge(item=near, into=item, actor=alice.actor)
    text = alice.signed_in().get(INBOX).content.decode()
    assert "\u00d72" in text
    assert "Said 2 times by 2 people" in text
    assert NEAR not in text


def test_an_item_page_costs_the_same_with_one_duplicate_and_with_three(
    account, item, alice, django_assert_max_num_queries
):
    hers = alice.signed_in()
    costs = []
    for number in (1, 3):
        while FeedbackItem.objects.filter(duplicate_of=item).count() < number:
            duplicates.merge(item=make_item(account, "x"), into=item, actor=alice.actor)
        with django_assert_max_num_queries(40) as captured:
            assert hers.get(page(item)).status_code == 200
        costs.append(len(captured))
    assert costs[0] == costs[1]
