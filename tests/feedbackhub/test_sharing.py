"""Callers who come at once work for each other."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import pytest

from feedbackhub.sharing import Sharing


class Work:
    """Squares numbers; the first turn lasts until `release`d, so that others come meanwhile."""

    def __init__(self, most: int = 100) -> None:
        self.turns: list[list[int]] = []
        self.release = threading.Event()
        self.sharing = Sharing(self._work, most=most)
        self.got: dict[int, int | Exception] = {}
        self.threads: list[threading.Thread] = []

    def _work(self, asked: Sequence[int]) -> Sequence[int | Exception]:
        self.turns.append(list(asked))
        if len(self.turns) == 1:
            assert self.release.wait(10)
        if 13 in asked:
            raise LookupError("thirteen")
        return [ValueError("seven") if number == 7 else number**2 for number in asked]

    def _get(self, number: int) -> None:
        try:
            self.got[number] = self.sharing.get(number)
        except Exception as error:
            self.got[number] = error

    def come(self, number: int) -> None:
        """A caller, who has begun to wait or to work when this returns."""
        thread = threading.Thread(target=self._get, args=[number])
        self.threads.append(thread)
        thread.start()
        deadline = time.monotonic() + 10
        while not any(number in turn for turn in self.turns) and number not in self._waiting():
            assert time.monotonic() < deadline
            time.sleep(0.001)

    def _waiting(self) -> list[int]:
        return [ticket.asked for ticket in self.sharing._waiting]

    def end(self) -> None:
        self.release.set()
        for thread in self.threads:
            thread.join(10)


def test_a_lone_caller_works_at_once():
    work = Work()
    work.release.set()
    assert [work.sharing.get(number) for number in (2, 3)] == [4, 9]
    assert work.turns == [[2], [3]]


def test_those_who_come_meanwhile_share_one_turn():
    work = Work()
    for number in (1, 2, 3, 4):
        work.come(number)
    work.end()
    assert work.turns == [[1], [2, 3, 4]]
    assert work.got == {1: 1, 2: 4, 3: 9, 4: 16}


def test_no_more_share_than_may_and_all_are_served_in_the_order_in_which_they_came():
    work = Work(most=2)
    for number in (1, 2, 3, 4, 5, 6):
        work.come(number)
    work.end()
    assert work.turns == [[1], [2, 3], [4, 5], [6]]
    assert work.got == {number: number**2 for number in range(1, 7)}


def test_an_exception_among_the_outcomes_is_one_caller_s():
    work = Work()
    for number in (1, 6, 7, 8):
        work.come(number)
    work.end()
    assert isinstance(work.got.pop(7), ValueError)
    assert work.got == {1: 1, 6: 36, 8: 64}


def test_work_that_fails_fails_for_all_who_shared_it_and_for_nobody_after():
    work = Work()
    for number in (1, 12, 13):
        work.come(number)
    work.end()
    assert work.got.pop(1) == 1
    assert [type(error) for error in work.got.values()] == [LookupError, LookupError]
    assert work.sharing.get(2) == 4


def test_a_caller_that_is_ended_while_it_works_leaves_nobody_waiting():
    class Ended(BaseException):
        pass

    begun, release = threading.Event(), threading.Event()

    def work(asked: Sequence[int]) -> Sequence[int]:
        if 1 in asked:
            begun.set()
            assert release.wait(10)
            raise Ended
        return asked

    sharing = Sharing(work, most=9)

    def ended() -> None:
        with pytest.raises(Ended):
            sharing.get(1)

    got: list[int] = []
    first = threading.Thread(target=ended)
    first.start()
    assert begun.wait(10)
    second = threading.Thread(target=lambda: got.append(sharing.get(2)))
    second.start()
    while not sharing._waiting:
        time.sleep(0.001)
    release.set()
    first.join(10)
    second.join(10)
    assert got == [2]
