"""What a rule would have made of the past, and making it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection

from accounts.domain import actors, jobs
from accounts.models import Account, Job
from feedback.domain import responses
from feedback.domain.queries import rules as queries
from feedback.domain.rules import dry_run, editing, making_now, queue, sittings
from feedback.models import FeedbackItem, UnsortedAnswer
from tests.conftest import Person
from tests.feedback.domain.rules.making import rule_of, store

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def store_scores(account: Account, *scores: int, days: int = 1) -> None:
    for n, score in enumerate(scores):
        store(account, submission=f"{days}-{n}", value_number=score, collected_at=NOW - timedelta(days=days))


def test_a_rule_that_is_not_stored_says_what_it_would_have_made(account: Account) -> None:
    store_scores(account, 1, 6, 7, 10, days=2)
    store_scores(account, 2, days=1)
    store_scores(account, 0, days=31)
    run = dry_run.of(rule=editing.draft(account=account, signal="record", compare="unhappy"))
    assert run is not None
    assert (run.looked_at, run.matched, run.made, run.whole) == (5, 3, 3, True)
    assert (run.since, len(run.by_day)) == (NOW - timedelta(days=30), 31)
    assert [(f"{day:%d}", n) for day, n in run.by_day if n] == [("18", 2), ("19", 1)]
    assert run.examples[0].message == "NPS 2 of 10, without words"
    assert FeedbackItem.objects.count() == 0


def test_what_is_an_item_or_goes_to_a_rule_above_is_told_apart(account: Account) -> None:
    rule = rule_of(account, compare="unhappy")
    rule_of(account, compare="at_most", field_type="nps", bound=1, item_type="bug")
    rule.refresh_from_db()
    store_scores(account, 0, 3, 5)
    UnsortedAnswer.objects.exclude(submission_id="1-1").delete()
    queue.run()
    run = dry_run.of(rule=rule)
    assert run is not None
    assert (run.matched, run.before, run.items, run.made) == (3, 1, 1, 1)


def test_answers_that_became_items_as_they_came_count_as_such(account: Account) -> None:
    editing.begin(account=account)
    responses.submit(account=account, kind="nps", score=2, comment="Cold", actor=actors.PERSON)
    run = dry_run.of(rule=queries.rules_of(account).get())
    assert run is not None
    assert (run.looked_at, run.matched, run.items, run.made) == (1, 1, 1, 0)


def test_only_so_many_are_looked_at_and_it_says_since_when(account: Account, monkeypatch: Any) -> None:
    monkeypatch.setattr(dry_run, "MOST", 2)
    store_scores(account, 1, days=3)
    store_scores(account, 1, 2, days=1)
    run = dry_run.of(rule=editing.draft(account=account, signal="record"))
    assert run is not None
    assert (run.looked_at, run.whole, run.since) == (2, False, NOW - timedelta(days=1))


def test_one_that_takes_too_long_says_so(account: Account, monkeypatch: Any) -> None:
    def slow(**_: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")

    monkeypatch.setattr(dry_run, "TIMEOUT", "10ms")
    monkeypatch.setattr(sittings, "within", slow)
    assert dry_run.of(rule=editing.draft(account=account, signal="record")) is None


def test_another_account_is_not_looked_at(account: Account, other_account: Account) -> None:
    store_scores(other_account, 1)
    run = dry_run.of(rule=editing.draft(account=account, signal="record"))
    assert run is not None
    assert run.looked_at == 0


def test_records_past_the_most_of_a_sitting_count_as_read(account: Account, monkeypatch: Any) -> None:
    monkeypatch.setattr(sittings, "MOST_RECORDS", 2)
    monkeypatch.setattr(dry_run, "MOST", 4)
    for n in range(5):
        store(account, field_id=f"q{n}", value_number=n, collected_at=NOW - timedelta(days=n + 1))
    run = dry_run.of(rule=editing.draft(account=account, signal="record"))
    assert run is not None
    assert (run.looked_at, run.whole, run.since) == (1, False, NOW - timedelta(days=4))
    [found] = sittings.of_keys(account=account, keys=[("hub", "", "s1")])
    assert [row.value_number for row in found.records] == [4, 3]


class TestMakingThemNow:
    def test_the_job_makes_what_the_dry_run_told_once(self, account: Account, alice: Person, monkeypatch: Any) -> None:
        monkeypatch.setattr(making_now, "AT_ONCE", 2)
        store_scores(account, 1, 2, 3, 4, 9, days=2)
        store_scores(account, 5, days=29)
        store_scores(account, 5, days=40)
        rule = rule_of(account, compare="unhappy")
        run = dry_run.of(rule=rule)
        assert run is not None
        assert run.made == 5

        job = making_now.ask(rule=rule, actor=alice.actor)
        jobs.run()
        job.refresh_from_db()
        assert (job.state, job.counts, job.done, job.total) == ("done", {"items made": 5}, 31, 31)
        assert FeedbackItem.objects.count() == 5

        making_now.ask(rule=rule, actor=alice.actor)
        jobs.run()
        assert FeedbackItem.objects.count() == 5

    def test_what_was_said_across_midnight_is_one_item_with_its_words(self, account: Account, alice: Person) -> None:
        midnight = NOW.replace(hour=0) - timedelta(days=1)
        store(account, value_number=2, collected_at=midnight - timedelta(minutes=1))
        store(account, "text", value_text="Cold", collected_at=midnight + timedelta(minutes=1))
        rule = rule_of(account, compare="unhappy")
        making_now.ask(rule=rule, actor=alice.actor)
        jobs.run()
        item = FeedbackItem.objects.get()
        assert (item.message, item.evidence.count()) == ("Cold", 2)

    def test_a_day_of_many_pages_loses_nothing(self, account: Account, alice: Person, monkeypatch: Any) -> None:
        monkeypatch.setattr(making_now, "PAGE", 3)
        monkeypatch.setattr(making_now, "AT_ONCE", 2)
        monkeypatch.setattr(dry_run, "MOST", 2)
        store_scores(account, 9, 1, 2, 3, 9, 9, 4, 5, days=2)
        rule = rule_of(account, compare="unhappy")
        job = making_now.ask(rule=rule, actor=alice.actor)
        jobs.run()
        job.refresh_from_db()
        assert (job.state, job.counts, job.done, FeedbackItem.objects.count()) == ("done", {"items made": 5}, 31, 5)

    def test_a_rule_above_keeps_what_is_its(self, account: Account, alice: Person) -> None:
        store_scores(account, 0, 5)
        rule = rule_of(account, compare="unhappy")
        rule_of(account, compare="at_most", field_type="nps", bound=1, item_type="bug")
        rule.refresh_from_db()
        making_now.ask(rule=rule, actor=alice.actor)
        jobs.run()
        assert FeedbackItem.objects.get().message == "NPS 5 of 10, without words"

    def test_a_rule_that_is_gone_ends_it(self, account: Account, alice: Person) -> None:
        rule = rule_of(account)
        making_now.ask(rule=rule, actor=alice.actor)
        editing.delete(rule=rule, actor=alice.actor)
        jobs.run()
        job = Job.objects.get()
        assert (job.state, job.problem) == ("failed", "There is no such rule.")
