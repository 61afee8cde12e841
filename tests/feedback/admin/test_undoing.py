"""The button that takes back, and the key z."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from feedback.domain import triage
from feedback.models import ActionTaken, FeedbackItem

INBOX = reverse("admin:feedback_feedbackitem_changelist")
UNDO = reverse("admin:feedback_feedbackitem_undo")
BUTTON = re.compile(r'data-undo>.*?name="action" value="([^"]+)"', re.S)
KEY = re.compile(r'id="undo-form" hidden>.*?name="action" value="([^"]+)"', re.S)


@pytest.fixture
def item(account):
    return FeedbackItem.objects.create(account=account, channel="product", message="The oven is cold")


def do(client: Any, item: FeedbackItem, verb: str, value: str) -> str:
    address = reverse("admin:feedback_feedbackitem_do", args=[item.pk, verb])
    return client.post(address, {"value": value, "next": INBOX}, follow=True).content.decode()


def pressed(client: Any, action: str, **more: Any) -> str:
    return client.post(UNDO, {"action": action, **more}, follow=True).content.decode()


@pytest.mark.parametrize(
    ("verb", "value", "said"),
    [
        ("status", "closed", "Now closed."),
        ("type", "bug", "Type is bug."),
        ("area", "Kitchen", "Area is Kitchen."),
        ("issue", "https://issues.example.com/7", "Issue linked."),
        ("assign", "me", "Assigned to Alice."),
        ("note", "Ask the baker", "Note added."),
    ],
)
def test_the_message_of_every_verb_has_a_button_that_takes_it_back(item, alice, verb, value, said):
    hers = alice.signed_in()
    before = FeedbackItem.objects.values("status", "type", "area", "external_issue_url", "assignee").get()
    (action,) = BUTTON.findall(do(hers, item, verb, value))
    assert f"Undone: {said}" in pressed(hers, action)
    assert FeedbackItem.objects.values("status", "type", "area", "external_issue_url", "assignee").get() == before
    assert item.notes.count() == 0


def test_a_move_of_many_is_taken_back_at_once(account, item, alice):
    hers = alice.signed_in()
    sent = {
        "action": "status",
        "value": "closed",
        "shown": "closed",
        "_selected_action": [item.pk],
        "index": 0,
        "confirmed": "yes",
    }
    text = hers.post(f"{INBOX}?tab=all", {**sent, f"version_{item.pk}": 1}, follow=True).content.decode()
    assert "Moved 1 item to Closed." in text
    assert "Undone: Moved 1 item to Closed." in pressed(hers, *BUTTON.findall(text))
    item.refresh_from_db()
    assert item.status == "new"


def test_what_changes_nothing_has_no_button(item, alice):
    assert BUTTON.findall(do(alice.signed_in(), item, "status", "new")) == []


def test_what_changed_since_is_said(item, alice, bob):
    hers = alice.signed_in()
    (action,) = BUTTON.findall(do(hers, item, "status", "closed"))
    triage.set_type(item=FeedbackItem.objects.get(), type="bug", actor=bob.actor)
    assert "Nothing was undone: 1 item has changed since and stayed as it is." in pressed(hers, action)


def test_the_key_takes_back_the_latest_also_on_a_later_page(item, alice):
    hers = alice.signed_in()
    do(hers, item, "status", "closed")
    page = reverse("admin:feedback_feedbackitem_change", args=[item.pk])
    for address in (INBOX, page):
        assert KEY.findall(hers.get(address).content.decode()) == [str(ActionTaken.objects.get().batch)]
    pressed(hers, *KEY.findall(hers.get(INBOX).content.decode()))
    assert KEY.findall(hers.get(INBOX).content.decode()) == []


@pytest.mark.parametrize("action", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_an_action_that_is_none_is_answered_calmly(alice, action):
    assert "There is nothing to undo" in pressed(alice.signed_in(), action)


def test_one_comes_back_to_where_one_was_and_never_elsewhere(item, alice):
    hers = alice.signed_in()
    do(hers, item, "status", "closed")
    action = str(ActionTaken.objects.get().batch)
    assert hers.post(UNDO, {"action": action, "next": "https://evil.example"})["Location"] == INBOX
    assert hers.post(UNDO, {"action": action, "next": f"{INBOX}?tab=all"})["Location"] == f"{INBOX}?tab=all"


def test_nobody_else_takes_it_back(item, alice, bob, charlie):
    do(alice.signed_in(), item, "status", "closed")
    action = str(ActionTaken.objects.get().batch)
    for other in (bob, charlie):
        assert "There is nothing to undo" in pressed(other.signed_in(), action)
    item.refresh_from_db()
    assert item.status == "closed"


def test_looking_undoes_nothing(alice):
    assert alice.signed_in().get(UNDO).status_code == 405
