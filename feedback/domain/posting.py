"""How replies leave: what campaigns, which owns sending, does for this app. It registers itself when it is ready."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from accounts.models import Account, User
from crm.domain.timeline import Tone
from crm.models import Customer
from feedback.models import FeedbackItem, Reply


@dataclass(frozen=True)
class Way:
    """A channel to somebody. `obstacle` says why nothing can be sent by it; `waits_until` that it goes only then."""

    channel: str
    label: str
    address: str
    obstacle: str = ""
    waits_until: datetime | None = None

    @property
    def open(self) -> bool:
        return not self.obstacle


@dataclass(frozen=True)
class Fate:
    """What became of a reply so far."""

    state: str
    told: str
    tone: Tone
    reason: str
    # Still in the queue: it can be taken back.
    waiting: bool
    due_at: datetime


class Postman(Protocol):
    """Everything takes rows of one account."""

    def ways(self, *, account: Account, people: Sequence[Customer]) -> list[list[Way]]:
        """By e-mail and by SMS to each of the people, who need not be stored, by the rules that hold for sending."""

    def senders(self, *, item: FeedbackItem, writer: User) -> list[str]:
        """Addresses that an answer by e-mail may go to, the usual one first."""

    def fill(self, *, text: str, item: FeedbackItem, customer: Customer, writer: User) -> str:
        """A text of the account's own with its placeholders filled. Raises Invalid."""

    def check(self, *, text: str) -> None:
        """Invalid for a text that nobody's placeholders could be filled into."""

    def post(self, *, reply: Reply, writer: User, answers_to: str) -> None:
        """Put it into the queue. Raises Refused for whom nothing may be sent, Invalid for what is too long."""

    def fates(self, *, replies: Sequence[Reply]) -> dict[UUID, Fate]:
        """By reply."""

    def take_back(self, *, reply: Reply) -> bool:
        """Whether it was still in the queue; then it is never sent."""


_registered: list[Postman] = []


def register(postman: Postman) -> None:
    """There is one; the last to register counts."""
    _registered[:] = [postman]


def postman() -> Postman:
    return _registered[-1]
