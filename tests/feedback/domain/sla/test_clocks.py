"""An item's clocks: begun when it comes in, stopped by people, gone on with when it is opened again."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from accounts.models import Account
from feedback.domain import duplicates, items, replies, triage, undo
from feedback.domain.items import ItemDraft
from feedback.domain.queries import handling, inbox, metrics
from feedback.domain.rules import queue
from feedback.domain.sla import clocks, settings
from feedback.models import FeedbackItem, ServiceHours, ServiceTarget
from feedbackhub.errors import Invalid, Refused
from tests.conftest import Person
from tests.feedback.domain.rules.making import BY, rule_of, store
from tests.feedback.writing import customer_of, words

pytestmark = pytest.mark.django_db
# A Monday.
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as travelled:
        yield travelled


def target(account: Account, first: int | None = 60, resolve: int | None = 480, **more: Any) -> ServiceTarget:
    given = {"name": "Usual", "usual": True, **more}
    return settings.save_target(
        target=ServiceTarget(account=account, first_minutes=first, resolve_minutes=resolve, **given), actor=BY
    )


def new(account: Account) -> FeedbackItem:
    draft = ItemDraft(message="Cold", channel=FeedbackItem.Channel.PRODUCT)
    return items.create(account=account, draft=draft, actor=BY)


def stands(item: FeedbackItem, later: timedelta = timedelta()) -> list[tuple[str, str, str]]:
    return [(each.title, each.tone, each.word) for each in clocks.clocks_of(item, NOW + later)]


class TestBegun:
    def test_without_a_target_there_is_no_clock(self, account: Account) -> None:
        item = new(account)
        assert (item.first_due_at, item.resolve_due_at, item.sla_due_at, clocks.next_of(item)) == (None,) * 4

    def test_around_the_clock_unless_hours_are_set(self, account: Account) -> None:
        target(account)
        item = new(account)
        assert (item.first_due_at, item.resolve_due_at, item.sla_due_at) == (NOW + HOUR, NOW + 8 * HOUR, NOW + HOUR)

    def test_in_the_hours_and_the_zone_of_the_account(self, account: Account) -> None:
        Account.objects.filter(pk=account.pk).update(time_zone="America/New_York")
        account.refresh_from_db()
        settings.save_hours(account=account, days=[(time(9), time(17))] * 5 + [None] * 2, holidays="", actor=BY)
        target(account)
        item = new(account)
        # Ten in UTC is five in New York.
        assert (item.first_due_at, item.resolve_due_at) == (
            datetime(2026, 3, 2, 15, tzinfo=UTC),
            datetime(2026, 3, 2, 22, tzinfo=UTC),
        )

    def test_public_holidays_are_kept(self, account: Account) -> None:
        with time_machine.travel(datetime(2026, 12, 24, 16, 30, tzinfo=UTC), tick=False):
            settings.save_hours(account=account, days=[(time(9), time(17))] * 7, holidays="at", actor=BY)
            target(account)
            # The 25th and 26th are holidays in Austria.
            assert new(account).first_due_at == datetime(2026, 12, 27, 9, 30, tzinfo=UTC)

    def test_a_rule_gives_another_target(self, account: Account) -> None:
        target(account)
        quick = target(account, 15, None, name="Quick", usual=False)
        rule_of(account, sla_target=quick)
        store(account, value_number=1)
        queue.run()
        item = FeedbackItem.objects.get()
        assert (item.sla_target, item.first_due_at, item.resolve_due_at) == (quick, NOW + 15 * HOUR / 60, None)


class TestStopped:
    def test_a_person_moving_it_stops_the_first_clock(self, account: Account, alice: Person, clock: Any) -> None:
        target(account)
        item = new(account)
        clock.shift(HOUR / 2)
        triage.set_status(item=item, status="reviewed", actor=alice.actor)
        assert (item.first_met_at, item.sla_due_at) == (NOW + HOUR / 2, item.resolve_due_at)
        assert stands(item, HOUR) == [("First response", "plain", "kept"), ("Closing", "good", "on time")]

    def test_a_rules_own_move_is_no_response(self, account: Account) -> None:
        target(account)
        rule_of(account, status="planned")
        store(account, value_number=1)
        queue.run()
        item = FeedbackItem.objects.get()
        assert (item.status, item.first_met_at, item.sla_due_at) == ("planned", None, NOW + HOUR)

    def test_closing_stops_both_and_opening_goes_on(self, account: Account, alice: Person) -> None:
        target(account)
        item = new(account)
        triage.set_status(item=item, status="closed", actor=alice.actor)
        assert (item.first_met_at, item.sla_due_at, clocks.next_of(item)) == (NOW, None, None)
        triage.set_status(item=item, status="in_progress", actor=alice.actor)
        assert item.sla_due_at == item.resolve_due_at
        triage.set_status(item=item, status="new", actor=alice.actor)
        assert (item.first_met_at, item.sla_due_at) == (None, item.first_due_at)

    def test_spam_has_no_clock(self, account: Account) -> None:
        target(account)
        rule_of(account, status="spam")
        store(account, value_number=1)
        queue.run()
        assert FeedbackItem.objects.get().sla_due_at is None

    def test_an_answer_to_the_person_is_a_response(self, account: Account) -> None:
        target(account)
        item = new(account)
        clocks.responded(item=item, at=NOW)
        clocks.responded(item=item, at=NOW + HOUR)
        item.refresh_from_db()
        assert (item.status, item.first_met_at, item.sla_due_at) == ("new", NOW, item.resolve_due_at)

    def test_a_reply_is_a_response_unless_it_is_taken_back(self, account: Account, bob: Person, clock: Any) -> None:
        target(account)
        item = new(account)
        FeedbackItem.objects.filter(pk=item.pk).update(allow_contact=True, customer=customer_of(account))
        item.refresh_from_db()
        clock.shift(HOUR / 2)
        reply = replies.send(item=item, draft=words(), writer=bob.user)
        assert (item.status, item.first_met_at, item.sla_due_at) == ("new", NOW + HOUR / 2, item.resolve_due_at)
        replies.take_back(reply=reply, writer=bob.user)
        item.refresh_from_db()
        assert (item.first_met_at, item.sla_due_at) == (None, item.first_due_at)

    def test_a_reply_taken_back_by_undo_is_no_response(self, account: Account, bob: Person) -> None:
        target(account)
        item = new(account)
        FeedbackItem.objects.filter(pk=item.pk).update(allow_contact=True, customer=customer_of(account))
        item.refresh_from_db()
        with undo.undoable(actor=bob.actor) as action:
            replies.send(item=item, draft=words(), writer=bob.user)
        assert (item.first_met_at, item.sla_due_at) == (NOW, item.resolve_due_at)
        assert action.id is not None
        undo.undo(id=action.id, user=bob.user)
        item.refresh_from_db()
        assert (item.first_met_at, item.sla_due_at) == (None, item.first_due_at)

    def test_a_reply_that_is_not_stored_is_no_response(self, account: Account, bob: Person) -> None:
        target(account)
        item = new(account)
        with pytest.raises(Refused):
            replies.send(item=item, draft=words(), writer=bob.user)
        item.refresh_from_db()
        assert item.first_met_at is None

    def test_a_reply_taken_back_after_a_move_leaves_the_move(self, account: Account, bob: Person, clock: Any) -> None:
        target(account)
        item = new(account)
        FeedbackItem.objects.filter(pk=item.pk).update(allow_contact=True, customer=customer_of(account))
        item.refresh_from_db()
        reply = replies.send(item=item, draft=words(), writer=bob.user)
        triage.set_status(item=item, status="reviewed", actor=bob.actor)
        replies.take_back(reply=reply, writer=bob.user)
        item.refresh_from_db()
        assert (item.first_met_at, item.sla_due_at) == (NOW, item.resolve_due_at)

    def test_closed_items_have_no_clock_running_by_constraint(self, account: Account, alice: Person) -> None:
        item = triage.set_status(item=new(account), status="closed", actor=alice.actor)
        with pytest.raises(IntegrityError, match="item_closed_has_no_clock_running"), transaction.atomic():
            FeedbackItem.objects.filter(pk=item.pk).update(sla_due_at=NOW)


class TestMerged:
    def test_its_clocks_stop_and_go_on_to_the_same_moments(self, account: Account, alice: Person) -> None:
        target(account)
        root, copy = new(account), new(account)
        duplicates.merge(item=copy, into=root, actor=alice.actor)
        assert (copy.first_met_at, copy.sla_due_at, clocks.next_of(copy)) == (None, None, None)
        word = "stopped while it repeats another item"
        assert stands(copy, 9 * HOUR) == [("First response", "plain", word), ("Closing", "plain", word)]
        root.refresh_from_db()
        assert root.sla_due_at == NOW + HOUR
        duplicates.unmerge(item=copy, actor=alice.actor)
        assert copy.sla_due_at == NOW + HOUR

    def test_undo_lets_them_go_on(self, account: Account, alice: Person) -> None:
        target(account)
        root, copy = new(account), new(account)
        with undo.undoable(actor=alice.actor) as action:
            duplicates.merge(item=copy, into=root, actor=alice.actor)
        assert action.id is not None
        undo.undo(id=action.id, user=alice.user)
        copy.refresh_from_db()
        assert (copy.duplicate_of, copy.sla_due_at) == (None, NOW + HOUR)

    def test_an_original_that_is_deleted_lets_them_go_on(self, account: Account, alice: Person) -> None:
        target(account)
        root, copy = new(account), new(account)
        duplicates.merge(item=copy, into=root, actor=alice.actor)
        FeedbackItem.objects.get(pk=root.pk).delete()
        copy.refresh_from_db()
        assert (copy.duplicate_of, copy.sla_due_at) == (None, NOW + HOUR)

    def test_a_move_while_merged_starts_none(self, account: Account, alice: Person) -> None:
        target(account)
        root, copy = new(account), new(account)
        duplicates.merge(item=copy, into=root, actor=alice.actor)
        triage.set_status(item=copy, status="reviewed", actor=alice.actor)
        assert (copy.first_met_at, copy.sla_due_at) == (NOW, None)
        triage.update(item=copy, actor=alice.actor, status="planned", duplicate_of=None)
        assert copy.sla_due_at == copy.resolve_due_at
        triage.update(item=copy, actor=alice.actor, status="closed", duplicate_of=root)
        duplicates.unmerge(item=copy, actor=alice.actor)
        assert copy.sla_due_at is None

    def test_duplicates_have_no_clock_running_by_constraint(self, account: Account, alice: Person) -> None:
        root, copy = new(account), new(account)
        duplicates.merge(item=copy, into=root, actor=alice.actor)
        with pytest.raises(IntegrityError, match="item_duplicate_has_no_clock_running"), transaction.atomic():
            FeedbackItem.objects.filter(pk=copy.pk).update(sla_due_at=NOW)

    def test_figures_and_lists_leave_them_out_while_they_are_open(
        self, account: Account, alice: Person, clock: Any
    ) -> None:
        target(account, 60, 120)
        root, copy = new(account), new(account)
        duplicates.merge(item=copy, into=root, actor=alice.actor)
        clock.shift(3 * HOUR)
        today = metrics.today(account)
        window = metrics.Window(account, today, today, "day")

        def counted() -> tuple[int, int, int, int]:
            found = handling.handling(window=window)
            return found.made, found.open, found.first_kept.n, found.resolve_kept.n

        def overdue() -> set[FeedbackItem]:
            return set(inbox.pressing(items=FeedbackItem.objects.for_account(account), overdue=True))

        assert (counted(), overdue()) == ((2, 1, 1, 1), {root})
        duplicates.unmerge(item=copy, actor=alice.actor)
        assert (counted(), overdue()) == ((2, 2, 2, 2), {root, copy})


class TestHowItStands:
    @pytest.mark.parametrize(
        ("later", "tone", "word"),
        [(0, "good", "on time"), (44, "good", "on time"), (46, "warn", "due soon"), (61, "bad", "overdue")],
    )
    def test_a_running_clock(self, account: Account, later: int, tone: str, word: str) -> None:
        target(account, resolve=None)
        item = new(account)
        assert stands(item, timedelta(minutes=later)) == [("First response", tone, word)]
        running = clocks.next_of(item, NOW + timedelta(minutes=later))
        assert running is not None
        assert (running.word, running.seconds) == (word, abs(60 - later) * 60)

    def test_one_that_was_stopped_too_late(self, account: Account, alice: Person, clock: Any) -> None:
        target(account, resolve=None)
        item = new(account)
        clock.shift(2 * HOUR)
        triage.set_status(item=item, status="reviewed", actor=alice.actor)
        assert stands(item) == [("First response", "plain", "missed")]


class TestFigures:
    def test_the_share_in_time_counts_what_was_stopped_or_ran_out(
        self, account: Account, alice: Person, clock: Any
    ) -> None:
        target(account, 60, 120)
        kept, missed, ran_out = new(account), new(account), new(account)
        triage.set_status(item=kept, status="closed", actor=alice.actor)
        clock.shift(90 * timedelta(minutes=1))
        triage.set_status(item=missed, status="reviewed", actor=alice.actor)
        new(account)
        assert ran_out.first_due_at is not None

        today = metrics.today(account)
        found = handling.handling(window=metrics.Window(account, today, today, "day"))
        assert (found.first_kept.n, round(found.first_kept.value or 0)) == (3, 33)
        assert found.first_kept.low is not None
        assert round(found.first_kept.low) == 6
        assert (found.resolve_kept.n, found.resolve_kept.value) == (1, 100)


class TestSettings:
    def test_one_target_is_the_usual_one(self, account: Account) -> None:
        first, second = target(account), target(account, name="Second")
        first.refresh_from_db()
        assert (first.usual, settings.usual(account)) == (False, second)
        with pytest.raises(IntegrityError, match="target_usual_once"), transaction.atomic():
            ServiceTarget.objects.filter(pk=first.pk).update(usual=True)

    @pytest.mark.parametrize(
        ("values", "at"),
        [
            ({"first": None, "resolve": None}, ["first_minutes"]),
            ({"first": 0}, ["first_minutes"]),
            ({"first": 60 * 24 * 400}, ["first_minutes"]),
            ({"name": " "}, ["name"]),
        ],
    )
    def test_a_target_that_makes_no_sense_is_refused(
        self, account: Account, values: dict[str, Any], at: list[str]
    ) -> None:
        with pytest.raises(Invalid) as caught:
            target(account, **values)
        assert [problem.name for problem in caught.value.problems] == at

    def test_a_target_has_a_time_by_constraint(self, account: Account) -> None:
        with pytest.raises(IntegrityError, match="target_has_a_time"), transaction.atomic():
            ServiceTarget.objects.create(account=account, name="None")

    @pytest.mark.parametrize(
        ("days", "holidays", "at"),
        [
            ([None] * 7, "", ["day0"]),
            ([(time(9), time(9))] + [None] * 6, "", ["day0"]),
            ([(time(9), time(17))] * 7, "NARNIA", ["holidays"]),
        ],
    )
    def test_hours_that_make_no_sense_are_refused(
        self, account: Account, days: Any, holidays: str, at: list[str]
    ) -> None:
        with pytest.raises(Invalid) as caught:
            settings.save_hours(account=account, days=days, holidays=holidays, actor=BY)
        assert [problem.name for problem in caught.value.problems] == at
        assert ServiceHours.objects.count() == 0

    def test_an_edit_counts_for_what_comes_in_later(self, account: Account) -> None:
        mine = target(account)
        before = new(account)
        mine.first_minutes = 5
        settings.save_target(target=mine, actor=BY)
        before.refresh_from_db()
        assert (before.first_due_at, new(account).first_due_at) == (NOW + HOUR, NOW + HOUR / 12)
        settings.delete_target(target=mine, actor=BY)
        before.refresh_from_db()
        assert (before.sla_target, before.first_due_at) == (None, NOW + HOUR)
