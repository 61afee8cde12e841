"""Saved views beside the tabs."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from feedback.domain import views
from feedback.models import DefaultView, FeedbackItem, SavedView

INBOX = reverse("admin:feedback_feedbackitem_changelist")
SAVE = reverse("admin:feedback_feedbackitem_save_view")
FIRST = reverse("admin:feedback_feedbackitem_open_with")


@pytest.fixture
def view(account, alice):
    return views.create(
        account=account, owner=alice.user, name="Kitchen", query="tab=all&area=Kitchen", actor=alice.actor, shared=True
    )


def beside(client: Any, **asked: Any) -> dict[str, str]:
    text = client.get(INBOX, {"tab": "new"} | asked).content.decode()
    found = re.findall(
        r'class="hub-tab is-view[^>]*>\s*([^<]+?)\s*(?:<span class="hub-count">([^<]*)</span>)?\s*</a>', text
    )
    return {name.strip(): number for name, number in found}


def test_what_is_seen_is_saved_shown_with_its_number_and_opened(account, alice, bob):
    FeedbackItem.objects.create(account=account, channel="product", message="one", area="Kitchen")
    FeedbackItem.objects.create(account=account, channel="product", message="two")
    hers = alice.signed_in()
    page = hers.get(INBOX, {"tab": "all", "area": "Kitchen", "p": "1", "cols": ["age", "area"]}).content.decode()
    (query,) = re.findall(r'name="query" value="([^"]*)"', page)
    sent = {"name": "Kitchen", "query": query.replace("&amp;", "&"), "shared": "on"}
    answer = hers.post(SAVE, sent)
    row = SavedView.objects.get()
    assert answer["Location"] == f"{INBOX}?area=Kitchen&cols=age&cols=area&tab=all&view={row.pk}"
    assert (row.owner, row.account, row.shared, row.query) == (
        alice.user,
        account,
        True,
        "area=Kitchen&cols=age&cols=area&tab=all",
    )
    text = hers.get(answer["Location"]).content.decode()
    assert ("View “Kitchen” saved." in text, text.count("hub-row-words")) == (True, 1)
    assert re.search(r'is-view is-current" aria-current="page"', text)
    assert beside(bob.signed_in()) == {"Kitchen": "1"}


def test_another_accounts_views_are_neither_shown_nor_opened_nor_deleted(view, charlie):
    his = charlie.signed_in()
    assert beside(his) == {}
    assert "There is no such view" in his.post(FIRST, {"view": view.pk}, follow=True).content.decode()
    his.post(reverse("admin:feedback_savedview_delete", args=[view.pk]), {"post": "yes"})
    his.post(reverse("admin:feedback_savedview_change", args=[view.pk]), {"name": "Mine"})
    view.refresh_from_db()
    assert (view.name, DefaultView.objects.count()) == ("Kitchen", 0)


def test_a_view_that_cannot_be_kept_is_told(account, alice):
    hers = alice.signed_in()
    for sent, said in (
        ({"name": "", "query": "tab=all"}, "Give the view a name."),
        ({"name": "x", "query": "account=1"}, "cannot be asked this: account"),
    ):
        assert said in hers.post(SAVE, sent, follow=True).content.decode()
    assert SavedView.objects.count() == 0


def test_the_inbox_opens_with_the_view_that_one_chose(view, bob):
    his = bob.signed_in()
    his.post(FIRST, {"view": view.pk})
    assert his.get(INBOX)["Location"] == f"{INBOX}?area=Kitchen&tab=all&view={view.pk}"
    assert his.get(INBOX, {"tab": "new"}).status_code == 200
    his.post(FIRST, {"view": ""})
    assert his.get(INBOX).status_code == 200


def test_a_colleagues_view_is_read_and_not_changed(view, alice, bob):
    change = reverse("admin:feedback_savedview_change", args=[view.pk])
    his, hers = bob.signed_in(), alice.signed_in()
    assert his.get(change).status_code == 200
    assert his.post(change, {"name": "Mine"}).status_code == 403
    hers.post(change, {"name": "Oven", "shared": ""})
    view.refresh_from_db()
    assert (view.name, view.shared) == ("Oven", False)
    assert his.get(change).status_code == 302


def test_a_view_whose_filter_is_gone_does_no_harm(view, alice):
    SavedView.objects.update(query="tab=all&colour=red")
    assert beside(alice.signed_in()) == {"Kitchen": ""}


def test_looking_saves_nothing(alice):
    hers = alice.signed_in()
    assert (hers.get(SAVE).status_code, hers.get(FIRST).status_code) == (405, 405)


def test_views_cost_the_same_with_one_and_with_three(view, account, alice):
    hers = alice.signed_in()
    costs = []
    for number in range(3):
        with CaptureQueriesContext(connection) as captured:
            hers.get(INBOX, {"tab": "all"})
        costs.append(len(captured))
        views.create(account=account, owner=alice.user, name=f"{number}", query="", actor=alice.actor)
    # A savepoint, the time limit read, set and put back, and the counts: more than without any view.
    assert costs == [costs[0]] * 3
