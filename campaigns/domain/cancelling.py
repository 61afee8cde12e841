"""Messages that nobody wants any more are taken out of the queue.

Only what waits is touched here. What a sender holds at that moment is stopped by the gates of its attempt, which look
at the same facts after taking the same locks.
"""

from __future__ import annotations

from typing import Any

from django.db.models.functions import Now

from accounts.models import Account
from campaigns.models import Message
from crm.models import Customer, Location, Suppression

State = Message.State


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
    return _end(State.CANCELLED, "The customer was deleted.", account=customer.account_id, customer=customer)


def for_suppression(row: Suppression) -> int:
    """The messages to the address or the person that the row forbids."""
    channel = {} if row.channel == Suppression.Channel.ALL else {"channel": row.channel}
    reason = f"Do not contact: {row.get_reason_display()} ({row.get_source_display()})."
    ended = 0
    if row.address:
        about = {"address__iexact": row.address, **channel}
        ended += _end(State.SUPPRESSED, reason, account=row.account_id, **about)
    if row.customer_id is not None and row.reason in Suppression.CONSENT_REASONS:
        ended += _end(State.SUPPRESSED, reason, account=row.account_id, customer=row.customer_id, **channel)
    return ended


def _end(state: str, reason: str, **about: Any) -> int:
    waiting = Message.objects.filter(state=State.SCHEDULED, **about)
    return waiting.update(state=state, reason=reason, updated_at=Now())
