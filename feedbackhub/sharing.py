"""One piece of work done for all who ask for it at the same time, such as one commit for several calls."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Got = TypeVar("Got")


class Sharing(Generic[Asked, Got]):
    """Whoever comes first works, for itself. Whoever comes meanwhile waits, and the first of them then works for all.

    So nobody ever waits for company: a lone caller is served at once, and the more come at once, the more share. No
    thread of its own and no timer; the work is done by a caller's thread, with that thread's database connection.
    """

    def __init__(self, work: Callable[[Sequence[Asked]], Sequence[Got | Exception]], *, most: int) -> None:
        """`work` returns an outcome per asked thing, in order; an exception among them is raised for that caller alone.
        What `work` raises is raised for all of them. `most` are worked on at once."""
        self._work = work
        self._most = most
        self._lock = threading.Lock()
        self._busy = False
        self._waiting: list[_Ticket[Asked, Got]] = []

    def get(self, asked: Asked) -> Got:
        ticket: _Ticket[Asked, Got] = _Ticket(asked)
        with self._lock:
            self._waiting.append(ticket)
            leads, self._busy = not self._busy, True
        if not leads:
            ticket.turn.acquire()
        if not ticket.outcome:
            self._lead()
        (outcome,) = ticket.outcome
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _lead(self) -> None:
        """Work for those who wait, oneself among them, and hand over to whoever came meanwhile."""
        with self._lock:
            mine, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        outcomes: Sequence[Got | Exception] = [RuntimeError("the call that worked for this one was ended")] * len(mine)
        try:
            outcomes = self._work([ticket.asked for ticket in mine])
        except Exception as error:  # noqa: BLE001 - it is everybody's, and raised for each
            outcomes = [error] * len(mine)
        finally:
            for ticket, outcome in zip(mine, outcomes, strict=True):
                ticket.outcome = [outcome]
            with self._lock:
                following = self._waiting[:1]
                self._busy = bool(following)
            # Whoever works next is woken first: the others' answers can be written while it waits for the disk.
            for ticket in (*following, *mine):
                ticket.turn.release()


class _Ticket(Generic[Asked, Got]):
    """One caller. Its turn comes with an outcome, or without one to work itself."""

    __slots__ = ("asked", "outcome", "turn")

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.outcome: list[Got | Exception] = []
        self.turn = threading.Lock()
        self.turn.acquire()
