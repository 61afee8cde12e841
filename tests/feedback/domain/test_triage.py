"""The life of an item."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connections

from accounts.domain.actors import Actor
from accounts.domain.queries import history
from accounts.models import Account, User
from feedback.domain import triage
from feedback.models import FeedbackItem, ItemNote
from feedbackhub.errors import BadReference, Conflict, Invalid, NotFound

Status = FeedbackItem.Status
OPEN = [Status.REVIEWED, Status.PLANNED, Status.IN_PROGRESS]
DONE = [Status.SHIPPED, Status.CLOSED, Status.IGNORED, Status.SPAM]
KEY = Actor("key", "ab12", "Importer")


def make_item(account: Account, message: str = "The oven is cold", **fields: Any) -> FeedbackItem:
    return FeedbackItem.objects.create(account=account, channel="product", message=message, **fields)


@pytest.fixture
def item(account):
    return make_item(account)


def move(item, *statuses, actor):
    for status in statuses:
        triage.set_status(item=item, status=status, actor=actor)
    return item


@pytest.mark.parametrize("status", OPEN)
def test_the_first_look_is_stamped_with_when_and_who(item, alice, status):
    move(item, status, actor=alice.actor)
    assert (item.status, item.reviewed_by, item.closed_at, item.closed_by) == (status, alice.actor.code, None, None)
    assert item.reviewed_at is not None
    assert item.version == 2


@pytest.mark.parametrize("status", DONE)
def test_going_straight_to_an_end_stamps_both(item, alice, status):
    move(item, status, actor=alice.actor)
    assert (item.reviewed_by, item.closed_by) == (alice.actor.code, alice.actor.code)
    assert item.reviewed_at == item.closed_at is not None


def test_a_later_look_keeps_the_first_reviewer(item, alice, bob):
    move(item, Status.REVIEWED, actor=alice.actor)
    first = item.reviewed_at
    move(item, Status.PLANNED, Status.IN_PROGRESS, actor=bob.actor)
    assert (item.reviewed_at, item.reviewed_by) == (first, alice.actor.code)


@pytest.mark.parametrize("to", [status for status in DONE if status != Status.CLOSED])
def test_from_one_end_to_another_the_first_closing_is_kept(item, alice, bob, to):
    move(item, Status.CLOSED, actor=alice.actor)
    first = item.closed_at
    move(item, to, actor=bob.actor)
    assert (item.status, item.closed_at, item.closed_by) == (to, first, alice.actor.code)


@pytest.mark.parametrize("to", OPEN)
def test_reopening_clears_the_closing_and_keeps_the_review(item, alice, bob, to):
    move(item, Status.SHIPPED, actor=alice.actor)
    move(item, to, actor=bob.actor)
    assert (item.closed_at, item.closed_by, item.reviewed_by) == (None, None, alice.actor.code)


@pytest.mark.parametrize("via", [*OPEN, *DONE])
def test_back_to_new_clears_all_four(item, alice, via):
    move(item, via, Status.NEW, actor=alice.actor)
    assert (item.reviewed_at, item.reviewed_by, item.closed_at, item.closed_by) == (None, None, None, None)


def test_a_key_stamps_its_own_identity(item):
    move(item, Status.CLOSED, actor=KEY)
    assert item.closed_by == "key:ab12"


def test_every_pair_of_statuses_has_an_effect():
    assert set(triage.PHASE) == set(Status.values)
    assert set(triage.EFFECTS) == {(a, b) for a in triage.Phase for b in triage.Phase}


def test_setting_what_is_already_set_writes_nothing(item, alice):
    triage.update(item=item, actor=alice.actor, status="new", type="other", area=None)
    assert item.version == 1
    assert [change.verb for change in history.of_row(row=item)] == ["created"]


def test_several_things_change_at_once_and_count_as_one(item, alice, bob):
    triage.update(
        item=item,
        actor=alice.actor,
        status="planned",
        type="bug",
        area=" Kitchen ",
        admin_note="Ask the baker",
        external_issue_url="https://issues.example.com/7",
        assignee=bob.user,
    )
    item.refresh_from_db()
    assert (item.version, item.status, item.type, item.area) == (2, "planned", "bug", "Kitchen")
    assert (item.admin_note, item.external_issue_url) == ("Ask the baker", "https://issues.example.com/7")
    assert item.assignee == bob.user


def test_blank_and_none_clear_what_can_be_cleared(item, alice):
    triage.update(item=item, actor=alice.actor, area="Kitchen", admin_note="x", external_issue_url="https://a.example")
    triage.update(item=item, actor=alice.actor, area="  ", admin_note=None, external_issue_url="")
    assert (item.area, item.admin_note, item.external_issue_url) == (None, None, None)


def test_all_wrong_fields_are_named_and_nothing_is_written(item, alice):
    with pytest.raises(Invalid) as caught:
        triage.update(
            item=item,
            actor=alice.actor,
            status="finished",
            type="rant",
            area="x" * 201,
            external_issue_url="javascript:alert(1)",
        )
    assert [problem.name for problem in caught.value.problems] == ["status", "type", "area", "external_issue_url"]
    item.refresh_from_db()
    assert (item.status, item.version) == ("new", 1)


def test_a_stale_version_is_told_instead_of_overwriting(item, alice, bob):
    triage.set_type(item=item, type="bug", actor=alice.actor, version=1)
    with pytest.raises(Conflict) as caught:
        triage.set_type(item=item, type="praise", actor=bob.actor, version=1)
    assert caught.value.details == {"version": 2, "status": "new"}
    item.refresh_from_db()
    assert item.type == "bug"


def test_a_deleted_item_is_not_found(item, alice):
    FeedbackItem.objects.filter(pk=item.pk).delete()
    with pytest.raises(NotFound):
        triage.set_type(item=item, type="bug", actor=alice.actor)


def test_an_item_goes_to_somebody_who_can_open_it_only(item, alice, bob, charlie):
    triage.assign(item=item, assignee=bob.user, actor=alice.actor)
    assert item.assignee == bob.user
    with pytest.raises(Invalid) as caught:
        triage.assign(item=item, assignee=charlie.user, actor=alice.actor)
    assert caught.value.problems[0].name == "assignee"
    triage.assign(item=item, assignee=None, actor=alice.actor)
    assert item.assignee is None


def test_a_superuser_can_take_any_item(item):
    root = User.objects.create_superuser("root@example.com", "x")
    triage.assign(item=item, assignee=root, actor=KEY)
    assert item.assignee == root


def test_a_note_says_who_and_leaves_the_version(item, alice):
    note = triage.add_note(item=item, body=" Called her back. ", actor=alice.actor)
    note.refresh_from_db()
    assert (note.body, note.author, note.author_name) == ("Called her back.", alice.actor.code, "Alice")
    item.refresh_from_db()
    assert item.version == 1


@pytest.mark.parametrize("body", ["", "  \n", "x" * 10_001, "a\0b"])
def test_an_empty_or_endless_note_is_refused(item, alice, body):
    with pytest.raises(Invalid):
        triage.add_note(item=item, body=body, actor=alice.actor)
    assert ItemNote.objects.count() == 0


def test_a_duplicate_keeps_its_status(account, item, alice):
    copy = make_item(account, "Oven is cold too")
    triage.mark_duplicate(item=copy, of=item, actor=alice.actor)
    copy.refresh_from_db()
    assert (copy.duplicate_of, copy.status, copy.version) == (item, "new", 2)
    triage.clear_duplicate(item=copy, actor=alice.actor)
    assert copy.duplicate_of is None


def test_an_item_is_no_duplicate_of_itself(item, alice):
    with pytest.raises(Invalid) as caught:
        triage.mark_duplicate(item=item, of=item, actor=alice.actor)
    assert caught.value.problems[0].name == "duplicate_of"


def test_duplicates_make_no_circle_however_long(account, alice):
    first, second, third = (make_item(account, name) for name in ("first", "second", "third"))
    triage.mark_duplicate(item=first, of=second, actor=alice.actor)
    triage.mark_duplicate(item=second, of=third, actor=alice.actor)
    with pytest.raises(Invalid):
        triage.mark_duplicate(item=third, of=first, actor=alice.actor)
    third.refresh_from_db()
    assert third.duplicate_of is None


def test_another_accounts_item_is_no_such_item(item, alice, other_account):
    with pytest.raises(BadReference):
        triage.mark_duplicate(item=item, of=make_item(other_account), actor=alice.actor)


@pytest.mark.django_db(transaction=True)
def test_two_people_linking_each_way_at_once_make_no_circle(account, alice, bob):
    first, second = make_item(account, "first"), make_item(account, "second")
    start, outcomes = threading.Barrier(2), []

    def link(item: FeedbackItem, of: FeedbackItem, actor: Actor) -> None:
        start.wait(5)
        try:
            triage.mark_duplicate(item=item, of=of, actor=actor)
            outcomes.append("linked")
        except Invalid:
            outcomes.append("refused")
        finally:
            connections["default"].close()

    threads = [
        threading.Thread(target=link, args=(first, second, alice.actor)),
        threading.Thread(target=link, args=(second, first, bob.actor)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(outcomes) == ["linked", "refused"]
    assert FeedbackItem.objects.exclude(duplicate_of=None).count() == 1


def test_history_tells_what_changed_from_what_to_what_and_by_whom(item, alice, bob):
    triage.set_status(item=item, status="planned", actor=alice.actor)
    triage.assign(item=item, assignee=bob.user, actor=KEY)
    assigned, planned, created = history.of_row(row=item)
    assert (assigned.who, [(c.name, c.before, c.after) for c in assigned.fields]) == (
        "Importer",
        [("assignee", None, "Bob")],
    )
    assert (planned.who, planned.actor) == ("Alice", alice.actor.code)
    assert [(c.label, c.before, c.after) for c in planned.fields] == [("Status", "New", "Planned")]
    assert created.verb == "created"


def test_history_costs_the_same_whatever_its_length(item, alice, bob, django_assert_num_queries):
    for person in (alice, bob, alice, bob):
        triage.assign(item=item, assignee=person.user, actor=alice.actor)
    with django_assert_num_queries(2):
        assert len(history.of_row(row=item)) == 5


def test_many_items_move_at_once_but_not_those_that_somebody_touched(account, alice, bob):
    seen = [make_item(account, name) for name in ("one", "two", "three")]
    triage.set_type(item=FeedbackItem.objects.get(pk=seen[1].pk), type="bug", actor=bob.actor)
    triage.set_status(item=seen[2], status="closed", actor=bob.actor)
    outcome = triage.update_many(items={item: item.version for item in seen}, status="closed", actor=alice.actor)
    assert outcome == triage.BulkOutcome(changed=1, unchanged=1, skipped=1)
    assert [FeedbackItem.objects.get(pk=item.pk).status for item in seen] == ["closed", "new", "closed"]
