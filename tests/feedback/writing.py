"""Somebody who may be written back to, and what is written."""

from __future__ import annotations

from itertools import count
from typing import Any

from accounts.models import Account
from crm.models import Customer
from feedback.domain.replies import ReplyDraft
from feedback.models import FeedbackItem

_numbers = count(1)


def customer_of(account: Account, **fields: Any) -> Customer:
    number = next(_numbers)
    given = {"email": f"guest{number}@example.org", "fname": "Jane", **fields}
    return Customer.objects.create(account=account, **given)


def item_from(account: Account, customer: Customer | None = None, **fields: Any) -> FeedbackItem:
    """From a customer who may be contacted about it."""
    given = {"channel": "product", "message": "The oven is cold", "allow_contact": True, "customer": customer}
    return FeedbackItem.objects.create(account=account, **(given | fields))


def words(body: str = "We fixed the oven.", **more: Any) -> ReplyDraft:
    return ReplyDraft(**({"channel": "email", "subject": "Your oven", "body": body} | more))
