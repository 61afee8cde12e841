"""Taking back what one just did."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connections
from django.utils import timezone

from accounts.domain.queries import history
from accounts.models import Membership
from feedback.domain import triage, undo
from feedback.models import ActionTaken, FeedbackItem, ItemNote, UndoStep
from feedbackhub.errors import NotFound

COLUMNS = (
    "status", "type", "area", "admin_note", "external_issue_url", "assignee_id", "duplicate_of_id",
    "reviewed_at", "reviewed_by", "closed_at", "closed_by",
)  # fmt: skip


@pytest.fixture
def item(account):
    return FeedbackItem.objects.create(account=account, channel="product", message="The oven is cold")


def columns(item: FeedbackItem) -> dict[str, Any]:
    return FeedbackItem.objects.values(*COLUMNS).get(pk=item.pk)


def done(person: Any, said: str, *writes: Any) -> undo.Action:
    with undo.undoable(actor=person.actor) as action:
        for write in writes:
            write()
        action.said = said
    return action


def closed(item: FeedbackItem, person: Any) -> undo.Action:
    return done(person, "Closed.", lambda: triage.set_status(item=item, status="closed", actor=person.actor))


def test_everything_that_an_update_changed_is_put_back_with_its_stamps(account, item, alice, bob):
    original = FeedbackItem.objects.create(account=account, channel="product", message="The same")
    triage.update(item=item, actor=bob.actor, status="shipped", type="bug", area="Kitchen", assignee=bob.user)
    before = columns(item)
    changes = {
        "status": "new",
        "type": "praise",
        "area": None,
        "admin_note": "x",
        "external_issue_url": "https://issues.example.com/7",
        "assignee": None,
        "duplicate_of": original,
    }
    action = done(alice, "Changed 1 item.", lambda: triage.update(item=item, actor=alice.actor, **changes))
    assert columns(item) != before
    assert undo.undo(id=action.id, user=alice.user) == undo.Undone("Changed 1 item.", 1, 0)
    assert columns(item) == before


def test_an_undo_counts_the_version_up_and_stands_in_the_history(item, alice):
    action = closed(item, alice)
    undo.undo(id=action.id, user=alice.user)
    item.refresh_from_db()
    assert item.version == 3
    latest = history.of_row(row=item)[0]
    assert (latest.who, latest.verb) == (str(alice.user), "undid")
    assert [(field.before, field.after) for field in latest.fields] == [("Closed", "New")]


def test_several_writes_to_one_item_are_taken_back_as_a_whole(item, alice):
    action = done(
        alice,
        "Planned and noted.",
        lambda: triage.set_status(item=item, status="planned", actor=alice.actor),
        lambda: triage.set_area(item=item, area="Kitchen", actor=alice.actor),
        lambda: triage.add_note(item=item, body="Ask the baker", actor=alice.actor),
    )
    assert undo.undo(id=action.id, user=alice.user).restored == 1
    item.refresh_from_db()
    assert (item.status, item.area, ItemNote.objects.filter(item=item).count()) == ("new", None, 0)


def test_what_somebody_changed_since_is_left_whole(account, item, alice, bob):
    other = FeedbackItem.objects.create(account=account, channel="product", message="Another")
    action = done(
        alice,
        "Closed 2 items.",
        lambda: triage.set_status(item=item, status="closed", actor=alice.actor),
        lambda: triage.add_note(item=item, body="Done", actor=alice.actor),
        lambda: triage.set_status(item=other, status="closed", actor=alice.actor),
    )
    triage.set_type(item=item, type="bug", actor=bob.actor)
    assert undo.undo(id=action.id, user=alice.user) == undo.Undone("Closed 2 items.", 1, 1)
    item.refresh_from_db()
    other.refresh_from_db()
    assert (item.status, ItemNote.objects.filter(item=item).count(), other.status) == ("closed", 1, "new")


def test_a_note_is_removed_whatever_else_happened_and_a_removed_one_is_reported(item, alice, bob):
    action = done(alice, "Note added.", lambda: triage.add_note(item=item, body="x", actor=alice.actor))
    second = done(alice, "Note added.", lambda: triage.add_note(item=item, body="y", actor=alice.actor))
    triage.set_type(item=item, type="bug", actor=bob.actor)
    assert undo.undo(id=action.id, user=alice.user).restored == 1
    ItemNote.objects.all().delete()
    assert undo.undo(id=second.id, user=alice.user) == undo.Undone("Note added.", 0, 1)


def test_an_item_that_is_gone_is_reported(item, alice):
    action = closed(item, alice)
    item.delete()
    assert undo.undo(id=action.id, user=alice.user) == undo.Undone("Closed.", 0, 1)


def test_an_assignee_who_left_is_not_given_back(item, alice, bob):
    triage.assign(item=item, assignee=bob.user, actor=alice.actor)
    action = done(alice, "x", lambda: triage.assign(item=item, assignee=None, actor=alice.actor))
    Membership.objects.filter(user=bob.user).delete()
    assert undo.undo(id=action.id, user=alice.user).skipped == 1
    assert columns(item)["assignee_id"] is None


def test_asking_twice_is_the_same_as_once(item, alice):
    action = closed(item, alice)
    first = undo.undo(id=action.id, user=alice.user)
    assert undo.undo(id=action.id, user=alice.user) == first
    item.refresh_from_db()
    assert item.version == 3


def test_two_at_once_undo_once(transactional_db, account, item, alice):
    action = closed(item, alice)
    outcomes: list[undo.Undone] = []

    def run() -> None:
        outcomes.append(undo.undo(id=action.id, user=alice.user))
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    item.refresh_from_db()
    assert (outcomes, item.version) == ([undo.Undone("Closed.", 1, 0)] * 2, 3)


def test_nobody_undoes_what_another_did(item, alice, bob, charlie):
    action = closed(item, alice)
    for other in (bob, charlie):
        with pytest.raises(NotFound):
            undo.undo(id=action.id, user=other.user)
    assert columns(item)["status"] == "closed"


def test_whoever_left_the_team_undoes_nothing(item, bob):
    action = closed(item, bob)
    Membership.objects.filter(user=bob.user).delete()
    with pytest.raises(NotFound):
        undo.undo(id=action.id, user=bob.user)


def test_after_ten_minutes_it_is_too_late_and_the_tick_forgets(item, alice):
    action = closed(item, alice)
    late = timezone.now() + timedelta(minutes=undo.MINUTES, seconds=1)
    with pytest.raises(NotFound):
        undo.undo(id=action.id, user=alice.user, now=late)
    assert undo.forget_expired() == 0
    assert undo.latest(user=alice.user).batch == action.id
    assert undo.latest(user=alice.user, now=late) is None
    undo.forget_expired(now=late)
    assert (ActionTaken.objects.count(), UndoStep.objects.count()) == (0, 0)


def test_the_latest_is_the_last_that_is_not_undone(item, alice, bob):
    first = closed(item, alice)
    second = done(alice, "x", lambda: triage.set_type(item=item, type="bug", actor=alice.actor))
    closed(item, bob)
    assert undo.latest(user=alice.user).batch == second.id
    undo.undo(id=second.id, user=alice.user)
    assert undo.latest(user=alice.user).batch == first.id
    undo.undo(id=first.id, user=alice.user)
    assert undo.latest(user=alice.user) is None
    assert columns(item)["status"] == "new"


def test_items_of_two_accounts_are_one_action_of_a_row_each(item, other_account, alice):
    theirs = FeedbackItem.objects.create(account=other_account, channel="product", message="Theirs")
    Membership.objects.create(account=other_account, user=alice.user, role="owner")
    action = done(
        alice,
        "Closed 2 items.",
        *(
            lambda each=each: triage.set_status(item=each, status="closed", actor=alice.actor)
            for each in (item, theirs)
        ),
    )
    assert ActionTaken.objects.filter(batch=action.id).count() == 2
    assert undo.undo(id=action.id, user=alice.user) == undo.Undone("Closed 2 items.", 2, 0)


def test_one_within_another_joins_it(item, alice):
    with undo.undoable(actor=alice.actor) as outer, undo.undoable(actor=alice.actor) as inner:
        triage.set_status(item=item, status="closed", actor=alice.actor)
    assert inner is outer
    assert ActionTaken.objects.count() == 1


def test_outside_of_an_action_and_without_a_change_nothing_is_kept(item, alice):
    triage.set_status(item=item, status="closed", actor=alice.actor)
    same = closed(item, alice)
    assert (same.id, ActionTaken.objects.count()) == (None, 0)


def test_a_failure_leaves_neither_the_change_nor_the_action(item, alice):
    def fail() -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        done(alice, "x", lambda: triage.set_status(item=item, status="closed", actor=alice.actor), fail)
    assert (columns(item)["status"], ActionTaken.objects.count()) == ("new", 0)
    # And the next one starts afresh.
    assert len(closed(item, alice).steps) == 1


def test_a_step_that_nobody_can_reverse_is_refused_at_once(item, alice):
    with pytest.raises(LookupError, match="nonsense"):
        done(alice, "x", lambda: undo.step(item=item, kind="nonsense", before={}))


def action_row(account: Any, **fields: Any) -> ActionTaken:
    now = timezone.now()
    times = {"done_at": now, "expires_at": now + timedelta(minutes=1)}
    return ActionTaken(batch="0" * 32, account=account, actor="user:x", said="x", **{**times, **fields})


def test_action_once_an_account(account):
    action_row(account).save()
    with pytest.raises(IntegrityError, match="action_once_an_account"):
        action_row(account).save()


def test_action_undone_with_counts(account):
    with pytest.raises(IntegrityError, match="action_undone_with_counts"):
        action_row(account, undone_at=timezone.now()).save()


def test_action_expires_later(account):
    with pytest.raises(IntegrityError, match="action_expires_later"):
        action_row(account, expires_at=timezone.now() - timedelta(minutes=1)).save()


def test_undo_step_once(account):
    row = action_row(account)
    row.save()
    UndoStep.objects.create(action=row, seq=0, item_id="0" * 32, kind="note", before={})
    with pytest.raises(IntegrityError, match="undo_step_once"):
        UndoStep.objects.create(action=row, seq=0, item_id="0" * 32, kind="note", before={})
