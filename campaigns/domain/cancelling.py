"""Messages that nobody wants any more are taken out of the queue.

Only what waits is touched here. What a sender holds at that moment is stopped by the gates of its attempt, which look
at the same facts after taking the same locks.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower, Now

from accounts.models import Account
from campaigns.models import Enrolment, Message
from crm.models import Customer, Location, Suppression

State = Message.State
WAITING = (State.SCHEDULED, State.HELD)


def for_account(account: Account) -> int:
    return _end(State.CANCELLED, "The account was deleted.", account=account)


def for_location(location: Location) -> int:
    return _end(
        State.CANCELLED,
        "The location was deleted.",
        account=location.account_id,
        feedback_request__location=location,
    )


def for_customer(customer: Customer) -> int:
    take_out(Enrolment.objects.filter(customer=customer), why="The customer was deleted.")
    return _end(State.CANCELLED, "The customer was deleted.", account=customer.account_id, customer=customer)


def for_suppression(row: Suppression) -> int:
    """The messages to the address or the person that the row forbids."""
    channel = {} if row.channel == Suppression.Channel.ALL else {"channel": row.channel}
    reason = f"Do not contact: {row.get_reason_display()} ({row.get_source_display()})."
    ended = 0
    if row.channel == Suppression.Channel.ALL and row.reason in Suppression.CONSENT_REASONS:
        _take_out_whom(row)
    if row.address:
        about = {"address__iexact": row.address, **channel}
        ended += _end(State.SUPPRESSED, reason, account=row.account_id, **about)
    if row.customer_id is not None and row.reason in Suppression.CONSENT_REASONS:
        ended += _end(State.SUPPRESSED, reason, account=row.account_id, customer=row.customer_id, **channel)
    return ended


def _take_out_whom(row: Suppression) -> None:
    """Whoever wants nothing at all leaves their campaigns; who has shut one channel goes on by the others."""
    about = Q(customer=row.customer_id) if row.customer_id is not None else Q(pk=None)
    if row.address:
        owners = Customer.objects.for_account(row.account_id).alias(mail=Lower("email"))
        owners = owners.filter(Q(mail=row.address) | Q(mobile_number=row.address))
        about |= Q(customer__in=owners.values("pk"))
    take_out(Enrolment.objects.filter(about, account=row.account_id), why="They do not want to be contacted.")


def take_out(enrolments: QuerySet[Enrolment], *, why: str, state: str = Enrolment.State.LEFT) -> int:
    """People leave their campaigns, and nothing more of those is sent to them. How many left."""
    about = {"feedback_request__enrolment__in": enrolments.values("pk")}
    _end(State.CANCELLED, why, **about)
    staying = enrolments.filter(state=Enrolment.State.ACTIVE)
    return staying.update(state=state, why_ended=why[:200], next_step=None, next_at=None, ended_at=Now())


def _end(state: str, reason: str, **about: Any) -> int:
    waiting = Message.objects.filter(state__in=WAITING, **about)
    return waiting.update(state=state, reason=reason, updated_at=Now())
