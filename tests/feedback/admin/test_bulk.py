"""Changes of many items: each action is shown first, done as shown, and undone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from feedback.admin.bulk_table import ACTIONS
from feedback.domain import labels, triage
from feedback.domain.queries import labels as label_queries
from feedback.models import FeedbackItem

INBOX = reverse("admin:feedback_feedbackitem_changelist")
UNDO = reverse("admin:feedback_feedbackitem_undo")


@pytest.fixture
def make(account):
    def make(message: str, **fields: Any) -> FeedbackItem:
        return FeedbackItem.objects.create(account=account, channel="product", message=message, **fields)

    return make


@pytest.fixture
def refund(account, alice):
    return labels.create(account=account, name="Refund", actor=alice.actor)


def bulk(client: Any, action: str, items: list[FeedbackItem], value: str | None = None, **more: Any) -> str:
    sent = {"action": action, "_selected_action": [item.pk for item in items], "index": 0, **more}
    sent |= {} if value is None else {"value": value}
    return client.post(f"{INBOX}?tab=all", sent, follow=True).content.decode()


def confirmed(client: Any, action: str, items: list[FeedbackItem], value: str, **more: Any) -> str:
    seen = {f"version_{item.pk}": FeedbackItem.objects.get(pk=item.pk).version for item in items}
    return bulk(client, action, items, value, confirmed="yes", **{"shown": value, **seen, **more})


def values(item: FeedbackItem) -> tuple[Any, ...]:
    row = FeedbackItem.objects.get(pk=item.pk)
    on = [label.name for label in label_queries.of_item(item=item)]
    return row.status, row.type, row.area, row.assignee and str(row.assignee), on


def test_every_action_has_a_test():
    assert [what.key for what in ACTIONS] == [*CASES]


CASES = {
    "status": ("planned", "Moved 1 item to Planned.", ("planned", "other", None, None, [])),
    "type": ("bug", "Made 1 item bug.", ("new", "bug", None, None, [])),
    "area": ("Kitchen", "Set the area of 1 item to Kitchen.", ("new", "other", "Kitchen", None, [])),
    "assign": ("BOB", "Assigned 1 item to Bob.", ("new", "other", None, "Bob", [])),
    "label": ("LABEL", "Labelled 1 item “Refund”.", ("new", "other", None, None, ["Refund"])),
    "unlabel": ("LABEL", "Took “Refund” off 1 item.", ("new", "other", None, None, [])),
    "spam": ("spam", "Marked 1 item as spam.", ("spam", "other", None, None, [])),
}


@pytest.mark.parametrize("action", CASES)
def test_an_action_is_shown_done_and_undone(make, refund, alice, bob, action):
    sent, said, expected = CASES[action]
    value = {"BOB": bob.user.public_id, "LABEL": str(refund.pk)}.get(sent, sent)
    item = make("The oven is cold")
    if action == "unlabel":
        labels.add(item=item, label=refund, actor=alice.actor)
    before = values(item)
    hers = alice.signed_in()
    shown = bulk(hers, action, [item], value)
    assert ("1 of 1 will change" in shown, values(item)) == (True, before)
    text = confirmed(hers, action, [item], value)
    assert (said in text, values(item)) == (True, expected)
    (undo,) = re.findall(r'data-undo>.*?name="action" value="([^"]+)"', text, re.S)
    hers.post(UNDO, {"action": undo})
    assert values(item) == before


def test_without_a_value_it_is_asked_for(make, refund, alice):
    text = bulk(alice.signed_in(), "label", [make("one")])
    assert f'<option value="{refund.pk}">Refund</option>' in text
    assert "of 1 will change" not in text


@pytest.mark.parametrize(("action", "value"), [("status", "x"), ("assign", "x"), ("label", "0"), ("label", "x")])
def test_an_odd_value_is_refused(make, alice, action, value):
    item = make("one")
    before = values(item)
    assert 'class="hub-errors"' in confirmed(alice.signed_in(), action, [item], value)
    assert values(item) == before


def test_what_was_not_shown_is_not_done(make, alice):
    item = make("one")
    text = confirmed(alice.signed_in(), "status", [item], "closed", shown="planned")
    assert ("1 of 1 will change to “Closed”" in text, values(item)[0]) == (True, "new")


def test_what_is_so_already_is_told_and_the_rest_changes(make, alice):
    items = [make("one"), make("two", area="Kitchen")]
    shown = bulk(alice.signed_in(), "area", items, "Kitchen")
    assert "1 of 2 will change" in shown
    assert "unchanged" in shown
    assert "1 item already so." in confirmed(alice.signed_in(), "area", items, "Kitchen")


def test_an_area_is_cleared_by_a_blank(make, alice):
    item = make("one", area="Kitchen")
    confirmed(alice.signed_in(), "area", [item], "")
    assert values(item)[2] is None


def test_charlie_gives_alices_items_no_label_and_his_items_not_hers(make, refund, other_account, alice, charlie):
    hers, his = make("hers"), FeedbackItem.objects.create(account=other_account, channel="product", message="his")
    own = labels.create(account=other_account, name="Own", actor=charlie.actor)
    confirmed(charlie.signed_in(), "label", [hers], str(own.pk))
    assert "There is no such label." in confirmed(charlie.signed_in(), "label", [his], str(refund.pk))
    assert (values(hers)[-1], values(his)[-1]) == ([], [])


def test_nobody_is_given_what_they_cannot_open(make, alice, charlie):
    item = make("one")
    confirmed(alice.signed_in(), "assign", [item], charlie.user.public_id)
    assert values(item)[3] is None


def test_update_many_writes_nothing_if_it_is_wrong_for_one_account(make, other_account, alice, bob):
    items = [make("one"), FeedbackItem.objects.create(account=other_account, channel="product", message="two")]
    with pytest.raises(triage.Invalid):
        triage.update_many(items=dict.fromkeys(items, 1), assignee=bob.user, actor=alice.actor)
    assert [values(item)[3] for item in items] == [None, None]


def test_a_key_that_is_none_is_refused_in_words(alice):
    answer = alice.signed_in().post(INBOX, {"action": "status", "_selected_action": "zzz", "index": 0}, follow=True)
    assert "One of the chosen rows is none of this list." in answer.content.decode()
