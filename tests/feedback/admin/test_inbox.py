"""The inbox: tabs, search, filters, and moves of many items at once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.models import Customer, Location
from feedback.domain import triage
from feedback.models import FeedbackItem

INBOX = reverse("admin:feedback_feedbackitem_changelist")


@pytest.fixture
def make(account):
    def make(message: str, status: str = "new", actor: Any = None, **fields: Any) -> FeedbackItem:
        item = FeedbackItem.objects.create(account=account, channel="product", message=message, **fields)
        if status != "new":
            triage.set_status(item=item, status=status, actor=actor or triage.Actor("key", "k", "Importer"))
        return item

    return make


def listed(client, **asked: Any) -> list[str]:
    text = client.get(INBOX, asked).content.decode()
    found = re.findall(r'<a class="hub-row-words" href="[^"]+">(.*?)</a>', text)
    return [re.sub(r"<span.*</span>", "", words) for words in found]


def tabs(client, **asked: Any) -> dict[str, str]:
    text = client.get(INBOX, asked).content.decode()
    found = re.findall(
        r'class="hub-tab[^>]*>\s*([A-Z][a-z ]+?)(?:<span class="hub-count">([^<]*)</span>)?\s*</a>', text
    )
    return {title.strip(): number for title, number in found}


def test_the_inbox_opens_with_what_is_new_newest_first(make, alice):
    make("older")
    make("seen", "reviewed")
    make("newer")
    assert listed(alice.signed_in()) == ["newer", "older"]


def test_every_tab_says_how_many_wait_in_it(make, alice):
    for status in FeedbackItem.Status.values:
        make(status, status)
    make("mine", "planned", assignee=alice.user)
    assert tabs(alice.signed_in()) == {
        "New": "1",
        "Mine": "1",
        "Reviewed": "1",
        "Planned": "2",
        "In progress": "1",
        "Done": "3",
        "Spam": "1",
        "All": "",
    }


def test_counts_stop_at_999(make, alice, account):
    FeedbackItem.objects.bulk_create(FeedbackItem(account=account, channel="product", message="x") for _ in range(1001))
    assert tabs(alice.signed_in())["New"] == "999+"


@pytest.mark.parametrize(
    ("tab", "expected"),
    [
        ("mine", ["mine"]),
        ("done", ["ignored", "closed", "shipped"]),
        ("spam", ["spam"]),
        ("progress", ["in_progress"]),
        ("nonsense", ["new"]),
    ],
)
def test_tabs_hold_their_statuses(make, alice, tab, expected):
    make("mine", "planned", assignee=alice.user)
    for status in ("new", "in_progress", "shipped", "closed", "ignored", "spam"):
        make(status, status)
    assert listed(alice.signed_in(), tab=tab) == expected


def test_the_filters_keep_the_tab(alice):
    text = alice.signed_in().get(INBOX, {"tab": "all"}).content.decode()
    assert text.count('<input type="hidden" name="tab" value="all">') == 3  # of three forms


def test_search_finds_words_and_people(make, alice, account):
    mia = Customer.objects.create(account=account, fname="Mia", sname="Kovac", email="mia@example.org")
    make("The oven is cold", customer=mia)
    make("Sent in-app", user_email_snapshot="tom@example.org")
    hers = alice.signed_in()
    assert listed(hers, q="oven") == ["The oven is cold"]
    assert listed(hers, q="kovac") == ["The oven is cold"]
    assert listed(hers, q="mia@example.org") == ["The oven is cold"]
    assert listed(hers, q="tom@") == ["Sent in-app"]
    assert listed(hers, q="nobody") == []


def test_filters_narrow_the_list(make, alice, bob, account):
    square = Location.objects.create(account=account, name="Square", country_code="US")
    make("bug here", type="bug", location=square, assignee=bob.user)
    make("other there")
    old = make("old")
    FeedbackItem.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=40))
    hers = alice.signed_in()
    assert listed(hers, type__exact="bug") == ["bug here"]
    assert listed(hers, status__exact="new", tab="done") == ["other there", "bug here", "old"]
    assert listed(hers, location__id__exact=square.pk) == ["bug here"]
    assert listed(hers, assignee=bob.user.public_id) == ["bug here"]
    assert listed(hers, assignee="none") == ["other there", "old"]
    assert listed(hers, created_at_to=f"{timezone.now() - timedelta(days=30):%Y-%m-%d}") == ["old"]


@pytest.mark.parametrize(
    "asked",
    [
        {"p": "x"},
        {"p": "99"},
        {"o": "zz"},
        {"type__exact": "nonsense"},
        {"location__id__exact": "x"},
        {"created_at_from": "x"},
    ],
)
def test_odd_queries_are_answered_calmly(make, alice, asked):
    make("one")
    assert alice.signed_in().get(INBOX, asked).status_code in (200, 302)


def test_a_query_with_nul_is_refused(alice):
    assert alice.signed_in().get(f"{INBOX}?q=%00").status_code == 400


def test_words_are_never_markup(make, alice):
    make("<script>alert(1)</script>")
    text = alice.signed_in().get(INBOX).content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_an_empty_inbox_says_what_to_do_next(alice):
    hers = alice.signed_in()
    assert "All caught up" in hers.get(INBOX).content.decode()
    assert "Nothing is yours" in hers.get(INBOX, {"tab": "mine"}).content.decode()
    assert "Nothing matches" in hers.get(INBOX, {"q": "oven"}).content.decode()


def bulk(client, status: str, items: list[FeedbackItem], **more: Any) -> Any:
    chosen = {"action": "status", "value": status, "_selected_action": [item.pk for item in items], "index": 0}
    return client.post(f"{INBOX}?tab=all", chosen | {"shown": status} | more, follow=True)


def test_a_move_of_many_first_says_what_will_change(make, alice):
    items = [make("one"), make("two", "closed")]
    text = bulk(alice.signed_in(), "closed", items).content.decode()
    assert "1 of 2 will change to “Closed”" in text
    assert [FeedbackItem.objects.get(pk=item.pk).status for item in items] == ["new", "closed"]


def test_a_confirmed_move_moves_and_leaves_what_somebody_touched(make, alice, bob):
    items = [make("one"), make("two"), make("three", "closed")]
    seen = {f"version_{item.pk}": FeedbackItem.objects.get(pk=item.pk).version for item in items}
    triage.set_type(item=FeedbackItem.objects.get(pk=items[1].pk), type="bug", actor=bob.actor)
    text = bulk(alice.signed_in(), "closed", items, confirmed="yes", **seen).content.decode()
    assert [FeedbackItem.objects.get(pk=item.pk).status for item in items] == ["closed", "new", "closed"]
    assert "Moved 1 item to Closed. 1 item already so. 1 item left alone" in text


def test_a_move_of_more_than_a_page_is_refused(alice, account):
    items = FeedbackItem.objects.bulk_create(
        FeedbackItem(account=account, channel="product", message="x") for _ in range(201)
    )
    text = bulk(alice.signed_in(), "closed", items, confirmed="yes").content.decode()
    assert "At most 200 items at once." in text
    assert FeedbackItem.objects.filter(status="closed").count() == 0


def test_charlie_moves_none_of_alices_items(make, charlie):
    item = make("one")
    bulk(charlie.signed_in(), "closed", [item], confirmed="yes", **{f"version_{item.pk}": 1})
    item.refresh_from_db()
    assert item.status == "new"
