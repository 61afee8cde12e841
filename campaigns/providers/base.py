"""What every provider speaks: one envelope in, one outcome out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from time import monotonic
from typing import Protocol, runtime_checkable
from uuid import UUID

# From the attempt's commit to the first byte of a call.
START_SECONDS = 5.0
CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0


class Verdict(StrEnum):
    """What is known about a call, in the words of SendAttempt.Outcome."""

    ACCEPTED = "accepted"  # proof that the provider has it
    REJECTED = "rejected"  # proof that the provider refused it
    NOT_SENT = "not_sent"  # proof that the message never left us
    UNKNOWN = "unknown"  # no proof of anything


class Finding(StrEnum):
    """What a refusal tells about the address, in the words of Suppression.Reason."""

    STOP = "stop"
    HARD_BOUNCE = "hard_bounce"
    SMS_FAILED = "sms_failed"


@dataclass(frozen=True)
class Outcome:
    """`retry_after` counts only for a rejection: seconds until a new attempt makes sense, None when none ever does."""

    verdict: Verdict
    ref: str = ""
    status: int | None = None
    error: str = ""
    retry_after: float | None = None
    finding: Finding | None = None
    # Nothing is wrong with this message: the next one would fare the same.
    provider_down: bool = False


def accepted(ref: str = "", *, status: int | None = None) -> Outcome:
    return Outcome(Verdict.ACCEPTED, ref=ref, status=status)


def not_sent(error: str, *, provider_down: bool = False, status: int | None = None) -> Outcome:
    return Outcome(Verdict.NOT_SENT, error=error, provider_down=provider_down, status=status)


def unknown(error: str, *, status: int | None = None) -> Outcome:
    return Outcome(Verdict.UNKNOWN, error=error, status=status)


def refused(error: str, *, status: int | None = None, finding: Finding | None = None) -> Outcome:
    """For good: nothing that happens later makes this message acceptable."""
    return Outcome(Verdict.REJECTED, error=error, status=status, finding=finding)


def refused_for_now(error: str, *, status: int | None = None, retry_after: float = 0) -> Outcome:
    """`retry_after` 0 leaves the pause to the sender's backoff."""
    return Outcome(Verdict.REJECTED, error=error, status=status, retry_after=retry_after)


@dataclass(frozen=True)
class Envelope:
    """Everything a provider may use, frozen when the message was scheduled: a second call repeats it byte for byte."""

    channel: str
    to: str
    text: str
    idem_key: str
    message_id: UUID
    attempt_id: UUID
    account_id: int
    subject: str = ""
    html: str = ""
    from_name: str = ""
    reply_to: str = ""
    unsubscribe_url: str = ""
    # Names the list in List-Id: the account's name and public id.
    list_name: str = ""
    list_code: str = ""
    committed_at: float = field(default_factory=monotonic)

    def too_late(self, seconds: float = START_SECONDS) -> bool:
        """Whoever was put to sleep between the commit and the point of no return must not send any more."""
        return monotonic() - self.committed_at > seconds


class Provider(Protocol):
    """`name` is written into the attempt: another provider never repeats its call.

    `remembers` is how long the provider deduplicates by `idem_key` (class A); None when it does not (B and C).
    """

    name: str
    remembers: timedelta | None

    def send(self, envelope: Envelope) -> Outcome:
        """One call, no retry of its own. Raises nothing that it can name as an outcome."""

    def close(self) -> None:
        """Lets go of connections."""


@runtime_checkable
class LooksUp(Protocol):
    """A provider that can be asked later what it accepted (class B)."""

    name: str

    def look_up(self, *, to: str, text: str) -> Outcome | None:
        """`accepted` with its reference if it has exactly this message, None if it cannot say so."""

    def close(self) -> None:
        """Lets go of connections."""
