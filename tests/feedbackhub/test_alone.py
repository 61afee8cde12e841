"""One run of a tick at a time, whichever worker has it."""

from __future__ import annotations

import pytest

from accounts.domain import jobs
from accounts.tasks import run_jobs
from feedback.domain.rules import queue
from feedback.domain.semantic import upkeep
from feedback.tasks import embed_records, sort_answers
from feedbackhub.alone import alone
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def tried(name: str) -> bool:
    """What somebody else, on a connection of their own, is told."""

    def run(number: int) -> bool:
        with alone(name) as only:
            return only

    [got] = at_once(1, run)
    return got is True


def test_one_has_it_others_of_the_name_do_not_and_afterwards_they_do() -> None:
    with alone("a") as only:
        assert (only, tried("a"), tried("b")) == (True, False, True)
    assert tried("a")


def test_it_is_given_back_after_a_failure() -> None:
    with pytest.raises(RuntimeError), alone("a"):
        raise RuntimeError
    assert tried("a")


@pytest.mark.parametrize(
    ("task", "name", "module"),
    [
        (sort_answers, "feedback.sort_answers", queue),
        (embed_records, "feedback.embed_records", upkeep),
        (run_jobs, "accounts.run_jobs", jobs),
    ],
)
def test_a_tick_leaves_the_work_to_the_one_that_runs(task, name, module, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[str] = []
    monkeypatch.setattr(module, "run", lambda: runs.append(name))

    def tick(number: int) -> None:
        task()

    with alone(name):
        assert at_once(1, tick) == [None]
    assert runs == []
    task()
    assert runs == [name]
