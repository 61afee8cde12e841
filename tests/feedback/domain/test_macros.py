"""Macros: several changes as one, all or none, and one way back."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.domain.queries import history
from accounts.models import Membership, User
from campaigns.models import Message
from feedback.domain import labels, macros, replies, triage, undo
from feedback.models import FeedbackItem, ItemNote, Macro, Reply
from feedbackhub.errors import BadReference, Conflict, Invalid, Refused
from tests.feedback.writing import customer_of, item_from


def make(account, by, **fields: Any) -> Macro:
    return macros.create(account=account, actor=by.actor, **({"name": "Thank you"} | fields))


@pytest.fixture
def item(account):
    return item_from(account, customer_of(account, fname="Mia"))


@pytest.fixture
def whole(account, alice):
    """Does everything a macro can do."""
    return make(
        account,
        alice,
        key=1,
        status="planned",
        type="bug",
        area="Kitchen",
        assign_to_me=True,
        labels=[labels.create(account=account, name="Oven", actor=alice.actor)],
        note="Thanked.",
        reply="Dear {{ customer.fname }}, thank you! {{ me.name }}",
    )


def applied(macro: Macro, item: FeedbackItem, person, **more: Any) -> FeedbackItem:
    return macros.apply(macro=macro, item=FeedbackItem.objects.get(pk=item.pk), user=person.user, **more)


def test_a_macro_does_all_it_says_in_one_and_one_undo_takes_it_back(item, whole, bob):
    with undo.undoable(actor=bob.actor) as action:
        after = applied(whole, item, bob, version=1)
    assert (after.status, after.type, after.area, after.assignee) == ("planned", "bug", "Kitchen", bob.user)
    assert [one.label.name for one in after.item_labels.all()] == ["Oven"]
    assert ItemNote.objects.get(item=item).body == "Thanked."
    assert Reply.objects.get(item=item).body == "Dear Mia, thank you! Bob"
    assert action.id is not None
    assert undo.undo(id=action.id, user=bob.user).restored == 1
    item.refresh_from_db()
    assert (item.status, item.type, item.area, item.assignee) == ("new", "other", None, None)
    assert (item.item_labels.count(), item.notes.count()) == (0, 0)
    assert Message.objects.get(reply__item=item).state == "cancelled"


def test_the_history_names_the_macro(item, whole, bob):
    applied(whole, item, bob)
    assert {change.macro for change in history.of_row(row=item) if change.fields} == {"Thank you"}


def test_what_cannot_be_done_wholly_is_not_begun(item, whole, bob):
    FeedbackItem.objects.filter(pk=item.pk).update(allow_contact=False)
    with pytest.raises(Refused, match="did not say that they may be contacted"):
        applied(whole, item, bob)
    item.refresh_from_db()
    assert (item.version, item.notes.count(), item.item_labels.count()) == (1, 0, 0)


def test_a_macro_overwrites_nothing_that_changed_meanwhile(item, whole, alice, bob):
    triage.set_status(item=FeedbackItem.objects.get(pk=item.pk), status="closed", actor=alice.actor)
    with pytest.raises(Conflict):
        applied(whole, item, bob, version=1)
    assert not Reply.objects.exists()


def test_whoever_may_not_write_to_people_cannot_by_a_macro(account, item, whole):
    rita = User.objects.create_user("rita@example.com", name="Rita")
    Membership.objects.create(account=account, user=rita, role="restricted")
    with pytest.raises(Refused, match="does not cover writing to people"):
        macros.apply(macro=whole, item=item, user=rita)
    assert macros.plan(macro=whole, item=item, user=rita).obstacle == macros.NO_REPLY


def test_the_plan_says_what_would_change_and_changes_nothing(item, whole, bob):
    plan = macros.plan(macro=whole, item=item, user=bob.user)
    assert plan.obstacle == ""
    assert plan.steps == [
        ("Status", "New", "Planned"),
        ("Type", "Other", "Bug"),
        ("Area", "", "Kitchen"),
        ("Assignee", "", "Bob"),
        ("Label", "", "Oven"),
        ("Note", "", "Thanked."),
        (f"Reply by E-mail to {item.customer.email}", "", "Dear Mia, thank you! Bob"),
    ]
    item.refresh_from_db()
    assert (item.version, Reply.objects.count()) == (1, 0)


def test_another_accounts_macro_is_no_such_macro(other_account, charlie, item, bob):
    foreign = make(other_account, charlie, status="closed")
    with pytest.raises(BadReference):
        macros.apply(macro=foreign, item=item, user=bob.user)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " ", "status": "closed"}, "name"),
        ({"name": "x" * 61, "status": "closed"}, "name"),
        ({}, "status"),
        ({"status": "finished"}, "status"),
        ({"type": "finished"}, "type"),
        ({"status": "closed", "key": 10}, "key"),
        ({"reply": "{{ customer.password }}"}, "reply"),
        ({"reply": "{{ customer"}, "reply"),
    ],
)
def test_a_macro_that_makes_no_sense_is_refused(account, alice, fields, field):
    with pytest.raises(Invalid) as refused:
        make(account, alice, **fields)
    assert [problem.name for problem in refused.value.problems] == [field]
    assert not Macro.objects.exists()


def test_names_and_keys_are_taken_once_an_account(account, other_account, alice, charlie):
    make(account, alice, name="Close", key=1, status="closed")
    make(other_account, charlie, name="Close", key=1, status="closed")
    for fields, said in (({"name": "CLOSE"}, "this name"), ({"name": "Other", "key": 1}, "this key")):
        with pytest.raises(Conflict, match=said):
            make(account, alice, status="closed", **fields)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"name": "CLOSE"}, "macro_name_once"),
        ({"name": "x", "key": 1}, "macro_key_once"),
        ({"name": "x", "key": 0}, "macro_key_a_digit"),
        ({"name": "x", "assign_to_me": True, "assignee": True}, "macro_one_assignee"),
    ],
)
def test_the_database_holds_what_a_macro_is(account, alice, fields, constraint):
    make(account, alice, name="Close", key=1, status="closed")
    given = fields | ({"assignee": alice.user} if "assignee" in fields else {})
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Macro.objects.create(account=account, **given)


def test_it_goes_to_nobody_who_could_not_open_the_item_and_has_no_foreign_label(account, other_account, alice, charlie):
    with pytest.raises(Invalid, match="cannot open"):
        make(account, alice, assignee=charlie.user)
    label = labels.create(account=other_account, name="Theirs", actor=charlie.actor)
    with pytest.raises(BadReference):
        make(account, alice, labels=[label])


def test_a_macro_is_changed_and_deleted(account, alice):
    macro = make(account, alice, status="closed")
    macros.update(macro=macro, actor=alice.actor, status="", note="Seen.")
    macro.refresh_from_db()
    assert (macro.status, macro.note, macros.summary(macro)) == ("", "Seen.", "note")
    macros.delete(macro=macro, actor=alice.actor)
    assert not Macro.objects.exists()


def test_replying_by_hand_and_by_macro_is_the_same_reply_once(item, whole, bob):
    token = replies.ReplyDraft(channel="email", body="x").token
    for _ in range(2):
        applied(whole, item, bob, token=token)
    assert Reply.objects.count() == 1
