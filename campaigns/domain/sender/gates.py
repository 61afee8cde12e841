"""Everything that must hold at the moment of sending, in order; the first gate that objects decides.

A gate is a function of the Subject that returns None, a Stop or a Wait. It reads inside the attempt's transaction,
after the address lock, so that whatever was committed before is seen: a STOP, a deletion, an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from campaigns.models import Message, MessageTemplate
from campaigns.providers.allow_list import may_send_to
from crm.domain import phones, suppressions

State = Message.State

HOUR = 3600.0


@dataclass(frozen=True)
class Subject:
    """The locked message with account, customer, request and location; `now` is the database's."""

    message: Message
    now: datetime


@dataclass(frozen=True)
class Stop:
    """It will never be sent: its last state, and why."""

    state: str
    reason: str


@dataclass(frozen=True)
class Wait:
    """Not now; looked at again after so many seconds."""

    seconds: float
    reason: str


Objection = Stop | Wait
Gate = Callable[[Subject], Objection | None]


def account_active(subject: Subject) -> Objection | None:
    account = subject.message.account
    if account.deleted_at is not None:
        return Stop(State.CANCELLED, "The account was deleted.")
    if not account.active:
        return Wait(HOUR / 12, "The account is inactive.")
    return None


def in_time(subject: Subject) -> Objection | None:
    if subject.now > subject.message.not_after:
        return Stop(State.EXPIRED, expiry_reason(subject.message.reason))
    return None


def location_alive(subject: Subject) -> Objection | None:
    request = subject.message.feedback_request
    if request is not None and request.location.deleted_at is not None:
        return Stop(State.CANCELLED, "The location was deleted.")
    return None


def customer_alive(subject: Subject) -> Objection | None:
    if subject.message.customer.deleted_at is not None:
        return Stop(State.CANCELLED, "The customer was deleted.")
    return None


def not_answered(subject: Subject) -> Objection | None:
    request = subject.message.feedback_request
    if request is not None and request.response_id is not None:
        return Stop(State.CANCELLED, "The customer has answered already.")
    return None


def number_possible(subject: Subject) -> Objection | None:
    """Any number of the right length is stored; one that no plan knows would only cost money."""
    message = subject.message
    if message.channel == MessageTemplate.Channel.SMS and not phones.is_sendable(message.address):
        return Stop(State.FAILED, f"{message.address} is not a possible phone number.")
    return None


def not_suppressed(subject: Subject) -> Objection | None:
    message = subject.message
    block = suppressions.blocking(
        account=message.account, channel=message.channel, address=message.address, customer=message.customer
    )
    if block is None:
        return None
    return Stop(State.SUPPRESSED, f"Do not contact: {block.get_reason_display()} ({block.get_source_display()}).")


def address_allowed(subject: Subject) -> Objection | None:
    if may_send_to(subject.message.address):
        return None
    return Stop(State.CANCELLED, "SEND_ONLY_TO does not name this address.")


GATES: tuple[Gate, ...] = (
    account_active,
    in_time,
    location_alive,
    customer_alive,
    not_answered,
    number_possible,
    not_suppressed,
    address_allowed,
)


def first_objection(subject: Subject) -> Objection | None:
    return next((objection for gate in GATES if (objection := gate(subject))), None)


def expiry_reason(reason: str) -> str:
    """What held a message back until it was too late, if anything did."""
    return f"Too late to send. {reason}".strip()[:500]
