"""Saying that items are one, taking it back, and telling them apart."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from accounts.domain.queries import history
from crm.models import Customer
from feedback.domain import duplicates, items, responses, triage, undo
from feedback.domain.items import ItemDraft
from feedback.domain.queries import groups, inbox, suggestions
from feedback.models import FeedbackItem, NotAlike
from feedbackhub.errors import BadReference, Conflict, Invalid, NotFound
from tests.feedback.domain.test_triage import KEY, make_item

Status = FeedbackItem.Status


def row(item: FeedbackItem) -> dict[str, Any]:
    return FeedbackItem.objects.filter(pk=item.pk).values().get()


def said(item: FeedbackItem) -> list[int]:
    return groups.with_said(FeedbackItem.objects.filter(pk=item.pk)).get().said


def under(item: FeedbackItem) -> Any:
    return FeedbackItem.objects.get(pk=item.pk).duplicate_of_id


# --- merging and taking back ---


def test_a_duplicate_keeps_everything_and_points_at_what_it_repeats(account, alice):
    root, copy = make_item(account, "first"), make_item(account, "second", status="planned")
    triage.add_note(item=copy, body="Called her back", actor=alice.actor)
    before = row(copy)
    assert duplicates.merge(item=copy, into=root, actor=alice.actor) == root
    after = row(copy)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"duplicate_of_id", "version", "updated_at"}
    assert (after["duplicate_of_id"], copy.notes.get().body) == (root.pk, "Called her back")


def test_taking_it_back_leaves_it_as_it_was(account, alice, bob):
    root, copy = make_item(account, "first"), make_item(account, "second")
    triage.update(item=copy, actor=bob.actor, status="in_progress", assignee=bob.user, area="Kitchen")
    before = row(copy)
    duplicates.merge(item=copy, into=root, actor=alice.actor)
    triage.set_status(item=root, status="shipped", actor=alice.actor)
    duplicates.unmerge(item=copy, actor=alice.actor)
    after = row(copy)
    assert {name for name in before if before[name] != after[name]} == {"version", "updated_at"}
    assert said(root) == [1, 1]


def test_what_stands_behind_a_duplicate_goes_with_it_and_comes_back_with_it(account, alice):
    third, second, first = (make_item(account, name) for name in ("c", "b", "a"))
    duplicates.merge(item=third, into=second, actor=alice.actor)
    duplicates.merge(item=second, into=first, actor=alice.actor)
    assert groups.roots_of(ids=[third.pk, second.pk, first.pk]) == dict.fromkeys(
        (third.pk, second.pk, first.pk), first.pk
    )
    assert {member.pk for member in groups.group_of(root=first).members} == {second.pk, third.pk}
    duplicates.unmerge(item=second, actor=alice.actor)
    assert (under(third), under(second)) == (second.pk, None)
    assert {member.pk for member in groups.group_of(root=second).members} == {third.pk}


def test_merging_into_a_duplicate_goes_to_its_root(account, alice):
    third, second, first = (make_item(account, name) for name in ("c", "b", "a"))
    duplicates.merge(item=second, into=first, actor=alice.actor)
    assert duplicates.merge(item=third, into=second, actor=alice.actor) == first
    assert under(third) == first.pk


def test_no_circle_is_made(account, alice):
    third, second, first = (make_item(account, name) for name in ("c", "b", "a"))
    duplicates.merge(item=second, into=first, actor=alice.actor)
    duplicates.merge(item=third, into=second, actor=alice.actor)
    for item, into in ((first, first), (first, second), (first, third)):
        with pytest.raises(Invalid):
            duplicates.merge(item=item, into=into, actor=alice.actor)
    assert under(first) is None


def test_a_stale_version_changes_nothing(account, alice, bob):
    root, copy = make_item(account, "first"), make_item(account, "second")
    triage.set_type(item=FeedbackItem.objects.get(pk=copy.pk), type="bug", actor=bob.actor)
    with pytest.raises(Conflict):
        duplicates.merge(item=copy, into=root, actor=alice.actor, version=1)
    assert under(copy) is None


def test_another_accounts_item_is_no_such_item(account, other_account, alice):
    mine, foreign = make_item(account), make_item(other_account)
    for call in (
        lambda: duplicates.merge(item=mine, into=foreign, actor=alice.actor),
        lambda: duplicates.tell_apart(item=mine, other=foreign, actor=alice.actor),
    ):
        with pytest.raises(BadReference):
            call()
    outcome = duplicates.merge_many(items={foreign: 1}, into=mine, actor=alice.actor)
    assert (outcome.changed, outcome.skipped, under(foreign)) == (0, 1, None)


def test_a_deleted_item_is_not_found(account, alice):
    root, copy = make_item(account, "first"), make_item(account, "second")
    FeedbackItem.objects.filter(pk=root.pk).delete()
    with pytest.raises(NotFound):
        duplicates.merge(item=copy, into=root, actor=alice.actor)
    with pytest.raises(NotFound):
        duplicates.tell_apart(item=copy, other=root, actor=alice.actor)


def test_deleting_the_root_gives_its_duplicates_back(account, alice):
    root, copy = make_item(account, "first"), make_item(account, "second")
    duplicates.merge(item=copy, into=root, actor=alice.actor)
    FeedbackItem.objects.get(pk=root.pk).delete()
    assert under(copy) is None


def test_many_go_into_one_but_not_those_that_somebody_touched(account, alice, bob):
    first, second, third, fourth = (make_item(account, name) for name in "abcd")
    seen = {item: item.version for item in (first, second, third, fourth)}
    triage.set_type(item=FeedbackItem.objects.get(pk=third.pk), type="bug", actor=bob.actor)
    outcome = duplicates.merge_many(items=seen, into=first, actor=alice.actor)
    assert outcome == triage.BulkOutcome(changed=2, unchanged=0, skipped=1)
    assert [under(item) for item in (first, second, third, fourth)] == [None, first.pk, None, first.pk]
    again = {item: item.version for item in FeedbackItem.objects.filter(duplicate_of=first)}
    assert duplicates.merge_many(items=again, into=first, actor=alice.actor).unchanged == 2


def test_a_duplicate_may_become_the_one_that_the_others_repeat(account, alice):
    old, new = make_item(account, "old"), make_item(account, "new")
    duplicates.merge(item=new, into=old, actor=alice.actor)
    seen = {item: item.version for item in FeedbackItem.objects.filter(pk__in=[old.pk, new.pk])}
    duplicates.merge_many(items=seen, into=FeedbackItem.objects.get(pk=new.pk), actor=alice.actor)
    assert (under(old), under(new)) == (new.pk, None)


def test_a_duplicate_leaves_the_tabs_of_work_and_comes_back(account, alice):
    root = make_item(account, "first", assignee=alice.user)
    copy = make_item(account, "second", assignee=alice.user)
    duplicates.merge(item=copy, into=root, actor=alice.actor)

    def listed(tab: str) -> set[str]:
        rows = inbox.under(tab=inbox.BY_KEY[tab], items=FeedbackItem.objects.for_account(account), reader=alice.user)
        return {item.message for item in rows}

    assert (listed("new"), listed("mine"), listed("all")) == ({"first"}, {"first"}, {"first", "second"})
    duplicates.unmerge(item=copy, actor=alice.actor)
    assert listed("new") == listed("mine") == {"first", "second"}


def at_once(*calls: Callable[[], Any]) -> list[str]:
    start, outcomes = threading.Barrier(len(calls)), []

    def run(call: Callable[[], Any]) -> None:
        start.wait(5)
        try:
            call()
            outcomes.append("done")
        except (Invalid, NotFound):
            outcomes.append("refused")
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return sorted(outcomes)


@pytest.mark.django_db(transaction=True)
def test_merging_in_a_ring_at_once_makes_no_circle(account, alice):
    first, second, third = (make_item(account, name) for name in "abc")
    ring = ((first, second), (second, third), (third, first))
    outcomes = at_once(*(lambda i=i, o=o: duplicates.merge(item=i, into=o, actor=alice.actor) for i, o in ring))
    assert outcomes == ["done", "done", "refused"]
    roots = groups.roots_of(ids=[first.pk, second.pk, third.pk])
    assert len(set(roots.values())) == 1
    assert FeedbackItem.objects.filter(duplicate_of=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_tell_the_same_two_apart_at_once(account, alice, bob):
    first, second = make_item(account, "a"), make_item(account, "b")
    outcomes = at_once(
        lambda: duplicates.tell_apart(item=first, other=second, actor=alice.actor),
        lambda: duplicates.tell_apart(item=second, other=first, actor=bob.actor),
    )
    assert (outcomes, NotAlike.objects.count()) == (["done", "done"], 1)


# --- undo ---


def test_merging_many_is_undone_at_once(account, alice):
    first, second, third = (make_item(account, name) for name in "abc")
    seen = {item: item.version for item in (first, second, third)}
    with undo.undoable(actor=alice.actor) as action:
        duplicates.merge_many(items=seen, into=first, actor=alice.actor)
    assert undo.undo(id=action.id, user=alice.user).restored == 2
    assert FeedbackItem.objects.filter(duplicate_of=None).count() == 3


def test_undoing_an_unmerge_makes_no_circle(account, alice, bob):
    first, second = make_item(account, "a"), make_item(account, "b")
    duplicates.merge(item=second, into=first, actor=alice.actor)
    with undo.undoable(actor=alice.actor) as action:
        duplicates.unmerge(item=second, actor=alice.actor)
    duplicates.merge(item=first, into=second, actor=bob.actor)
    assert undo.undo(id=action.id, user=alice.user) == undo.Undone("", restored=0, skipped=1)
    assert (under(first), under(second)) == (second.pk, None)


def test_telling_apart_is_undone(account, alice):
    first, second = make_item(account, "a"), make_item(account, "b")
    with undo.undoable(actor=alice.actor) as action:
        duplicates.tell_apart(item=first, other=second, actor=alice.actor)
    assert undo.undo(id=action.id, user=alice.user).restored == 1
    assert NotAlike.objects.count() == 0


# --- how many said it ---


def test_people_are_counted_once_and_the_unknown_each_once(account, alice):
    mia = Customer.objects.create(account=account, fname="Mia", email="Mia@example.org")
    tom = Customer.objects.create(account=account, fname="Tom")
    root = make_item(account, "1", customer=mia)
    for fields in (
        {"customer": mia},
        {"user_email_snapshot": "mia@example.org"},
        {"customer": tom},
        {"customer": tom},
        {"user_email_snapshot": "zoe@example.org"},
        {"user_email_snapshot": "ZOE@example.org"},
        {},
        {},
    ):
        duplicates.merge(item=make_item(account, "x", **fields), into=root, actor=alice.actor)
    # Mia, Tom, Zoe and two unknown.
    assert said(root) == [9, 5]
    group = groups.group_of(root=root)
    assert (group.times, group.people, len(group.members), group.more) == (9, 5, 8, 0)


def test_one_id_that_a_sender_gives_is_one_person(account, alice):
    made = []
    for _ in range(2):
        item = make_item(account, "x")
        answer = responses.submit(account=account, kind="nps", score=9, actor=alice.actor)
        type(answer.score).objects.filter(pk=answer.score.pk).update(user_id="visitor-7")
        item.evidence.create(record=answer.score)
        made.append(item)
    duplicates.merge(item=made[1], into=made[0], actor=alice.actor)
    assert said(made[0]) == [2, 1]
    assert len(groups.evidence_behind(root=made[0])) == 2


def test_counting_and_reading_a_group_costs_the_same_with_one_duplicate_and_three(
    account, alice, django_assert_num_queries
):
    root = make_item(account, "root")
    for expected in (2, 4):
        while said(root)[0] < expected:
            duplicates.merge(item=make_item(account, "x"), into=root, actor=alice.actor)
        with django_assert_num_queries(1):
            assert [item.said[0] for item in groups.with_said(FeedbackItem.objects.filter(pk=root.pk))] == [expected]
        with django_assert_num_queries(2):
            assert [member.duplicate_of for member in groups.group_of(root=root).members] == [root] * (expected - 1)


# --- telling apart ---


def test_what_was_told_apart_stays_so_until_it_is_taken_back(account, alice, bob):
    first, second = make_item(account, "The export hangs"), make_item(account, "export hangs again")
    assert [each.item for each in suggestions.like(item=first)] == [second]
    assert duplicates.tell_apart(item=second, other=first, actor=alice.actor) is True
    assert duplicates.tell_apart(item=first, other=second, actor=bob.actor) is False
    for item in (first, second):
        triage.set_area(item=item, area="Reports", actor=bob.actor)
        assert suggestions.like(item=item) == []
    assert suggestions.pairs(account=account) == []
    (kept,) = suggestions.dismissed(item=first)
    assert (kept.said_by, kept.said_by_name) == (alice.actor.code, "Alice")
    assert duplicates.take_back(item=second, other_id=first.pk, actor=bob.actor) is True
    assert duplicates.take_back(item=second, other_id=first.pk, actor=bob.actor) is False
    assert [each.item for each in suggestions.like(item=second)] == [first]


def test_a_pair_is_stored_once_and_in_order(account, alice):
    """not_alike_once, not_alike_in_order."""
    one, two = sorted((make_item(account), make_item(account)), key=lambda item: item.pk)
    by = {"account": account, "said_by": "x", "said_by_name": "x"}
    NotAlike.objects.create(first=one, second=two, **by)
    for first, second in ((one, two), (two, one), (one, one)):
        with pytest.raises(IntegrityError), transaction.atomic():
            NotAlike.objects.create(first=first, second=second, **by)


def test_an_item_is_like_itself(account, alice):
    item = make_item(account)
    with pytest.raises(Invalid):
        duplicates.tell_apart(item=item, other=item, actor=alice.actor)


# --- later arrivals ---

WORDS = "The export hangs at 90 % when the range is longer than a year."


def arrive(account, message: str = WORDS, **fields: Any) -> FeedbackItem:
    draft = ItemDraft(message=message, channel=FeedbackItem.Channel.PRODUCT, **fields)
    return items.create(account=account, draft=draft, actor=KEY)


@pytest.fixture
def group(account, alice):
    """A root, and one that repeats it in other words."""
    root = make_item(account, "Exporting a long range never finishes", route="/reports", area="Reports")
    copy = make_item(account, WORDS, route="/reports", area="Reports")
    duplicates.merge(item=copy, into=root, actor=alice.actor)
    return root


def test_what_says_the_same_later_joins_the_root_and_the_history_says_why(account, group):
    made = arrive(account, "the export HANGS at 90% when the range is longer than a year")
    assert made.duplicate_of is None, "the answer to a submission is the item at its birth"
    stored = FeedbackItem.objects.get(pk=made.pk)
    assert (stored.duplicate_of, stored.status) == (group, "new")
    joined, created = history.of_row(row=stored)
    assert (joined.who, joined.why) == ("FeedbackHub", "It says the same, word for word.")
    assert (created.who, created.why) == ("Importer", "")
    duplicates.unmerge(item=stored, actor=KEY)
    assert under(made) is None


def test_the_rule_can_be_switched_off_and_on(account, group, alice):
    duplicates.take_alike(item=group, on=False, actor=alice.actor)
    assert under(arrive(account)) is None
    duplicates.take_alike(item=group, on=True, actor=alice.actor)
    assert under(arrive(account)) == group.pk


def test_nearly_the_same_joins_from_the_same_place_only(account, group):
    nearly = WORDS.replace("longer", "longe")
    assert under(arrive(account, nearly)) is None
    assert under(arrive(account, nearly, route="/billing")) is None
    made = arrive(account, nearly, area="Reports")
    assert under(made) == group.pk
    assert history.of_row(row=made)[0].why == "It is 99 % alike and comes from the same place."
    assert under(arrive(account, WORDS.replace("90", "91"), area="Reports")) is None


def test_what_is_merely_alike_stays_new(account, group):
    assert under(arrive(account, "Export hangs at 90% if range is longer than one year", route="/reports")) is None


def test_few_words_join_from_the_same_person_or_place_only(account, alice):
    root = make_item(account, "Every page is broken", route="/a")
    duplicates.merge(item=make_item(account, "It broke", route="/a"), into=root, actor=alice.actor)
    assert under(arrive(account, "it broke!")) is None
    assert under(arrive(account, "it broke!", route="/a")) == root.pk


def test_without_a_merge_nothing_joins(account):
    make_item(account, WORDS)
    assert under(arrive(account)) is None


def test_what_is_done_with_takes_nothing_more(account, group, alice):
    triage.set_status(item=group, status="shipped", actor=alice.actor)
    assert under(arrive(account)) is None


def test_two_groups_that_fit_take_nothing(account, group, alice):
    other = make_item(account, "Something else altogether")
    duplicates.merge(item=make_item(account, WORDS), into=other, actor=alice.actor)
    assert under(arrive(account)) is None


def test_another_accounts_group_takes_nothing(account, other_account, group):
    assert under(arrive(other_account)) is None


def test_the_same_answer_joins_whatever_the_words(account, group, alice):
    answer = responses.submit(account=account, kind="nps", score=9, actor=alice.actor)
    group.evidence.create(record=answer.score)
    draft = ItemDraft(message="In other words", channel=FeedbackItem.Channel.RECORD)
    made = items.create(account=account, draft=draft, actor=KEY, evidence=[answer.score])
    assert under(made) == group.pk
    assert history.of_row(row=made)[0].why == "The same answer stands behind both."


def test_answers_without_words_are_not_alike_and_join_nothing(account, alice):
    made = [make_item(account, "NPS 3 of 10, without words") for _ in range(2)]
    assert suggestions.like(item=made[0]) == []
    duplicates.merge(item=made[1], into=made[0], actor=alice.actor)
    assert under(arrive(account, "NPS 3 of 10, without words")) is None


def test_what_has_to_be_looked_at_each_time_joins_nothing(account, group):
    assert under(arrive(account, joins=False)) is None
    assert under(arrive(account)) == group.pk


def test_an_arrival_costs_one_look_more_where_nothing_was_merged(account):
    costs = []
    for joins in (False, True):
        with CaptureQueriesContext(connection) as captured:
            arrive(account, joins=joins)
        costs.append(len(captured))
    assert costs[1] - costs[0] == 1
