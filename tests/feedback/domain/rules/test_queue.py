"""Records that came by API wait for the rules in a queue, which costs an account without rules nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account
from feedback.domain import batches, records
from feedback.domain.records import RecordDraft
from feedback.domain.rules import editing, queue, sittings, sorting
from feedback.models import FeedbackItem, FeedbackRecord, UnsortedAnswer
from feedbackhub.queues import lags
from tests.feedback.domain.rules.making import BY, rule_of, store

pytestmark = pytest.mark.django_db


def waiting() -> list[tuple[str, str, str]]:
    rows = UnsortedAnswer.objects.order_by("pk")
    return list(rows.values_list("contract", "tenant_id", "submission_id"))


class TestTheTrigger:
    def test_nothing_waits_without_a_rule_of_records(self, account: Account, other_account: Account) -> None:
        editing.begin(account=account)
        rule_of(account, "answer")
        rule_of(other_account)
        store(account, value_number=3)
        assert waiting() == []

    def test_a_record_waits_once_a_rule_wants_its_kind(self, account: Account) -> None:
        rule_of(account)
        store(account, value_number=3, tenant_id="t1")
        assert waiting() == [("hub", "t1", "s1")]

    def test_the_create_stays_one_statement(self, account: Account) -> None:
        rule_of(account)
        with CaptureQueriesContext(connection) as captured:
            store(account, value_number=3)
        assert len(captured) == 1

    @pytest.mark.parametrize(
        ("rule", "record"),
        [
            ({"enabled": False}, {}),
            ({"signal": "thumb"}, {}),
            ({"contract": "buildbetter"}, {}),
            ({"tenant_id": "t2"}, {"tenant_id": "t1"}),
            ({"field_type": "csat"}, {}),
        ],
    )
    def test_what_no_rule_can_concern_does_not_wait(
        self, account: Account, rule: dict[str, Any], record: dict[str, Any]
    ) -> None:
        rule_of(account, **rule)
        store(account, value_number=3, **record)
        assert waiting() == []

    def test_words_wait_whatever_score_a_rule_asks_for(self, account: Account) -> None:
        rule_of(account, field_type="csat", compare="unhappy")
        store(account, "text", value_text="Cold")
        assert waiting() == [("hub", "", "s1")]

    def test_a_batch_waits_once_a_submission(self, account: Account) -> None:
        rule_of(account)
        drafts = [
            RecordDraft(contract="hub", submission_id=f"s{n}", source_type="survey", field_id=f"q{q}", field_type="nps")
            for n in range(3)
            for q in range(2)
        ]
        batches.create(account=account, drafts=drafts, actor=BY)
        assert sorted(waiting()) == [("hub", "", "s0"), ("hub", "", "s1"), ("hub", "", "s2")]

    def test_answers_of_landing_pages_do_not_wait(self, account: Account) -> None:
        rule_of(account)
        store(account, contract="request", value_number=3)
        assert waiting() == []


class TestTheTick:
    def test_a_submission_becomes_an_item_when_all_of_it_is_there(self, account: Account) -> None:
        rule_of(account, compare="unhappy", has_words=True)
        store(account, value_number=3)
        assert (queue.run(), FeedbackItem.objects.count(), waiting()) == (1, 0, [])
        store(account, "text", value_text="Cold", language="en")
        assert (queue.run(), waiting()) == (1, [])
        item = FeedbackItem.objects.get()
        assert (item.message, item.channel, item.type) == ("Cold", "record", "complaint")
        assert [row.record.field_type for row in item.evidence.order_by("pk")] == ["nps", "text"]

    def test_doubled_rows_make_one_item(self, account: Account) -> None:
        rule_of(account)
        record = store(account, value_number=3)
        queue.ask_again(record=record)
        queue.ask_again(record=record)
        assert (queue.run(), FeedbackItem.objects.count()) == (3, 1)
        queue.ask_again(record=record)
        assert (queue.run(), FeedbackItem.objects.count()) == (1, 1)

    def test_a_record_that_is_gone_is_forgotten(self, account: Account) -> None:
        rule_of(account)
        record = store(account, value_number=3)
        records.delete(account=account, record_id=record.pk, actor=BY)
        assert (queue.run(), FeedbackItem.objects.count(), waiting()) == (1, 0, [])

    def test_what_fails_is_put_off_and_holds_up_no_other(self, account: Account, monkeypatch: Any) -> None:
        rule_of(account)
        for submission in ("bad", "good"):
            store(account, submission=submission, value_number=3)
        make = sorting.make

        def failing(**given: Any) -> Any:
            if given["sitting"].submission_id == "bad":
                raise RuntimeError("boom")
            return make(**given)

        monkeypatch.setattr(sorting, "make", failing)
        assert queue.run() == 2
        assert waiting() == [("hub", "", "bad")]
        row = UnsortedAnswer.objects.get()
        assert (row.tries, row.due_at > timezone.now() + timedelta(seconds=50)) == (1, True)
        monkeypatch.undo()
        UnsortedAnswer.objects.update(due_at=timezone.now())
        assert (queue.run(), FeedbackItem.objects.count()) == (1, 2)

    def test_a_worker_that_dies_has_done_nothing(self, account: Account, monkeypatch: Any) -> None:
        rule_of(account)
        store(account, value_number=3)

        def dying(**given: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(sorting, "by_rules", dying)
        with pytest.raises(KeyboardInterrupt):
            queue.step()
        monkeypatch.undo()
        assert waiting() == [("hub", "", "s1")]
        assert (queue.run(), FeedbackItem.objects.count()) == (1, 1)

    def test_a_big_backlog_leaves_others_their_share(
        self, account: Account, other_account: Account, monkeypatch: Any
    ) -> None:
        monkeypatch.setattr(queue, "BATCH", 4)
        for each in (account, other_account):
            rule_of(each)
        for n in range(10):
            store(account, submission=f"s{n}", value_number=3)
        store(other_account, value_number=3)
        queue.step()
        assert FeedbackItem.objects.for_account(other_account).count() == 1
        assert FeedbackItem.objects.for_account(account).count() == 2

    def test_the_queue_says_how_far_it_is_behind(self, account: Account) -> None:
        rule_of(account)
        store(account, value_number=3)
        UnsortedAnswer.objects.update(due_at=timezone.now() - timedelta(minutes=5))
        assert (lags()["sorting"].due, lags()["sorting"].late) == (1, True)

    def test_what_a_deleted_account_left_is_no_lag(self, account: Account) -> None:
        rule_of(account)
        store(account, value_number=3)
        UnsortedAnswer.objects.update(due_at=timezone.now() - timedelta(minutes=5))
        Account.objects.update(deleted_at=timezone.now())
        assert (queue.run(), lags()["sorting"].due, lags()["sorting"].late) == (0, 0, False)


@pytest.mark.django_db(transaction=True)
def test_a_record_erased_in_that_moment_holds_up_no_other(account: Account, monkeypatch: Any) -> None:
    rule_of(account)
    gone = store(account, submission="gone", value_number=3)
    store(account, submission="kept", value_number=3)
    find = sittings.of_keys

    def erased_since(**given: Any) -> Any:
        found = find(**given)
        FeedbackRecord.objects.filter(pk=gone.pk).delete()
        return found

    monkeypatch.setattr(sittings, "of_keys", erased_since)
    assert queue.step() == 2
    assert FeedbackItem.objects.count() == 1
    assert waiting() == [("hub", "", "gone")]
    monkeypatch.undo()
    UnsortedAnswer.objects.update(due_at=timezone.now())
    assert (queue.run(), FeedbackItem.objects.count(), waiting()) == (1, 1, [])


@pytest.mark.django_db(transaction=True)
def test_what_comes_later_and_is_erased_in_that_moment_waits_for_nobody(account: Account) -> None:
    rule_of(account)
    store(account, value_number=3)
    queue.run()
    later = store(account, "text", value_text="Cold")
    [found] = sittings.of_keys(account=account, keys=[("hub", "", "s1")])
    FeedbackRecord.objects.filter(pk=later.pk).delete()
    sorting.sort(sitting=found, actor=BY)
    assert FeedbackItem.objects.get().evidence.count() == 1
