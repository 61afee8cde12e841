"""Labels of an account, and items that have them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError

from feedback.domain import labels, undo
from feedback.domain.queries import item_history
from feedback.domain.queries import labels as queries
from feedback.domain.triage import BulkOutcome
from feedback.models import FeedbackItem, ItemLabel, Label
from feedbackhub.errors import BadReference, Conflict, Invalid


@pytest.fixture
def item(account):
    return FeedbackItem.objects.create(account=account, channel="product", message="The oven is cold")


@pytest.fixture
def refund(account, alice):
    return labels.create(account=account, name="Refund", colour="red", actor=alice.actor)


def on(item: FeedbackItem) -> list[str]:
    return [label.name for label in queries.of_item(item=item)]


def test_a_label_has_a_tidy_name_and_a_known_colour(account, alice):
    label = labels.create(account=account, name="  Summer   menu ", actor=alice.actor)
    assert (label.name, label.colour) == ("Summer menu", "grey")
    for wrong in ({"name": " "}, {"name": "x" * 61}, {"name": "a\0b"}, {"name": "x", "colour": "gold"}):
        with pytest.raises(Invalid):
            labels.create(account=account, actor=alice.actor, **wrong)


def test_a_name_is_once_an_account_in_whatever_case(refund, account, other_account, alice, charlie):
    with pytest.raises(Conflict):
        labels.create(account=account, name="REFUND", actor=alice.actor)
    assert labels.create(account=other_account, name="Refund", actor=charlie.actor).account == other_account


def test_a_label_is_renamed_and_keeps_its_items(refund, item, alice):
    labels.add(item=item, label=refund, actor=alice.actor)
    labels.update(label=refund, name="Money back", colour="blue", actor=alice.actor)
    assert on(item) == ["Money back"]
    labels.create(account=refund.account, name="Other", actor=alice.actor)
    with pytest.raises(Conflict):
        labels.update(label=refund, name="other", actor=alice.actor)


def test_adding_and_removing_twice_is_the_same_as_once_and_keeps_the_version(refund, item, alice):
    assert [labels.add(item=item, label=refund, actor=alice.actor) for _ in range(2)] == [True, False]
    assert on(item) == ["Refund"]
    assert [labels.remove(item=item, label=refund, actor=alice.actor) for _ in range(2)] == [True, False]
    assert on(item) == []
    item.refresh_from_db()
    assert item.version == 1


def test_another_accounts_label_names_nothing(item, other_account, charlie):
    theirs = labels.create(account=other_account, name="Theirs", actor=charlie.actor)
    with pytest.raises(BadReference):
        labels.add(item=item, label=theirs, actor=charlie.actor)
    with pytest.raises(BadReference):
        queries.label_for(account=item.account, id=str(theirs.pk))
    with pytest.raises(BadReference):
        queries.label_within(accounts=[item.account_id], id=str(theirs.pk))
    assert queries.label_within(accounts=None, id=str(theirs.pk)) == theirs


@pytest.mark.parametrize("id", ["", "x", "0", "99999999999999999999999", "9" * 5000])
def test_an_odd_id_names_nothing(account, id):
    with pytest.raises(BadReference):
        queries.label_for(account=account, id=id)
    with pytest.raises(BadReference):
        queries.label_within(accounts=[account.pk], id=id)


def test_the_history_tells_of_labels_between_the_other_changes(refund, item, alice):
    labels.add(item=item, label=refund, actor=alice.actor)
    labels.remove(item=item, label=refund, actor=alice.actor)
    told = [(change.who, change.verb) for change in item_history.of_item(item=item)]
    assert {each for each in told if each[1] != "created"} == {
        ("Alice", "added the label “Refund”"),
        ("Alice", "removed the label “Refund”"),
    }


def test_adding_and_removing_can_be_undone_whatever_else_changed(refund, item, alice):
    for verb, before in ((labels.add, []), (labels.remove, ["Refund"])):
        with undo.undoable(actor=alice.actor) as action:
            verb(item=item, label=refund, actor=alice.actor)
        assert undo.undo(id=action.id, user=alice.user).restored == 1
        assert on(item) == before
        labels.add(item=item, label=refund, actor=alice.actor)
    assert "undid, which added the label “Refund”" in {change.verb for change in item_history.of_item(item=item)}


def test_a_label_that_is_gone_is_not_put_back(refund, item, alice):
    labels.add(item=item, label=refund, actor=alice.actor)
    with undo.undoable(actor=alice.actor) as action:
        labels.remove(item=item, label=refund, actor=alice.actor)
    labels.delete(label=refund, actor=alice.actor)
    assert undo.undo(id=action.id, user=alice.user).skipped == 1


def test_many_at_once_leave_those_of_other_accounts(refund, item, account, other_account, alice):
    has = FeedbackItem.objects.create(account=account, channel="product", message="Has it")
    theirs = FeedbackItem.objects.create(account=other_account, channel="product", message="Theirs")
    labels.add(item=has, label=refund, actor=alice.actor)
    items = dict.fromkeys((item, has, theirs), 1)
    assert labels.add_to_many(items=items, label=refund, actor=alice.actor) == BulkOutcome(1, 1, 1)
    assert labels.remove_from_many(items=items, label=refund, actor=alice.actor) == BulkOutcome(2, 0, 1)
    assert ItemLabel.objects.count() == 0


def test_an_account_has_at_most_so_many(account, alice, monkeypatch):
    monkeypatch.setattr(labels, "AT_MOST", 1)
    labels.create(account=account, name="One", actor=alice.actor)
    with pytest.raises(Invalid, match="at most 1"):
        labels.create(account=account, name="Two", actor=alice.actor)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"name": ""}, "label_has_a_name"),
        ({"name": "x", "colour": "gold"}, "label_colour_known"),
        ({"name": "rEFUND"}, "label_once_an_account"),
    ],
)
def test_label_constraints(refund, account, fields: dict[str, Any], name: str):
    with pytest.raises(IntegrityError, match=name):
        Label.objects.create(account=account, **fields)


def test_item_label_once(refund, item):
    ItemLabel.objects.create(item=item, label=refund)
    with pytest.raises(IntegrityError, match="item_label_once"):
        ItemLabel.objects.create(item=item, label=refund)


def test_item_label_same_account(item, other_account):
    theirs = Label.objects.create(account=other_account, name="Theirs")
    with pytest.raises(IntegrityError, match="item_label_same_account"):
        ItemLabel.objects.create(item=item, label=theirs)
