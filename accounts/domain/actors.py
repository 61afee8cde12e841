"""Who does something: a user, a key, the person a request went to, or the hub itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import pghistory

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class Actor:
    """`code` is stored beside what was done and outlives the user or key, for example `user:gd7TdOx9Qa`."""

    kind: Literal["user", "key", "person", "system"]
    id: str = ""
    label: str = ""

    @property
    def code(self) -> str:
        return f"{self.kind}:{self.id}" if self.id else self.kind


SYSTEM = Actor("system", label="FeedbackHub")
PERSON = Actor("person", label="The customer")


def from_user(user: User) -> Actor:
    return Actor("user", user.public_id, str(user))


def person(public_id: str) -> Actor:
    """A customer, by their public id."""
    return replace(PERSON, id=public_id)


@contextmanager
def acting(actor: Actor, /, **more: str) -> Iterator[None]:
    """Writes inside are audited (pghistory) under this actor; `more` is added, such as request_id.

    Within another one it holds for its own writes only: pghistory itself would go on with the inner one's words.
    """
    with pghistory.context() as context:
        before = dict(context.metadata)
        context.metadata.update(actor=actor.code, actor_label=actor.label, **more)
        try:
            yield
        finally:
            context.metadata.clear()
            context.metadata.update(before)
