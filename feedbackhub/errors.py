"""What can go wrong, without a word of HTTP. Domain functions raise these; each contract's errors.py renders them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FieldProblem:
    """One field at fault; `name` is the domain's name (edges translate it), `message` says what to do."""

    name: str
    message: str


class HubError(Exception):
    """Base of everything a caller can be told."""

    def __init__(self, message: str, *, field: str = "", details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.problems = [FieldProblem(field, message)] if field else []
        self.details = details or {}


class Invalid(HubError):
    """The input is wrong; `problems` names the fields."""

    @classmethod
    def many(cls, problems: list[FieldProblem]) -> Invalid:
        error = cls("; ".join(f"{problem.name}: {problem.message}" for problem in problems))
        error.problems = problems
        return error


class NotFound(HubError):
    """No such thing in reach: absent and another tenant's are the same."""


class BadReference(Invalid):
    """An id in a body or query that names nothing in the caller's account."""


class Conflict(HubError):
    """Somebody or something was there first: a duplicate, a stale version."""


class Refused(HubError):
    """Valid, but cannot be done: opted out, inactive, not allowed for this state."""


class LimitReached(Refused):
    """A limit of the account is used up."""


class Forbidden(HubError):
    """Known caller, not allowed."""
