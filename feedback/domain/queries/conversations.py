"""What was written back about an item, and to whom it would go."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db.models import Q

from crm.domain.queries.customers import with_email
from crm.models import Customer
from feedback.domain import posting
from feedback.domain.posting import Fate
from feedback.models import FeedbackItem, Reply
from feedbackhub.errors import NotFound

SHOWN = 50


@dataclass(frozen=True)
class Line:
    """One reply; `fate` is None when its message has gone."""

    reply: Reply
    fate: Fate | None


def of_item(*, item: FeedbackItem) -> list[Line]:
    """The latest replies, oldest first."""
    rows = list(Reply.objects.filter(item=item).order_by("-created_at", "-pk")[:SHOWN])
    fates = posting.postman().fates(replies=rows) if rows else {}
    return [Line(row, fates.get(row.pk)) for row in reversed(rows)]


def reply_for(*, item: FeedbackItem, id: str) -> Reply:
    """One of the item's replies; NotFound otherwise."""
    try:
        found = Reply.objects.filter(item=item, pk=uuid.UUID(id)).first()
    except ValueError:
        found = None
    if found is None:
        raise NotFound("There is no such reply.")
    return found


def person_of(*, item: FeedbackItem) -> Customer | None:
    """The item's customer; else whoever has the submitter's address, also one who was deleted; else that address as a
    customer who is not stored."""
    if item.customer is not None:
        return item.customer.merged_into or item.customer
    address = (item.user_email_snapshot or "").strip().lower()
    if "@" not in address:
        return None
    known = Customer.objects.for_account(item.account_id).filter(Q(with_email(item.account, address))).first()
    return known or Customer(account=item.account, email=address, fname=_name(item) or None)


def _name(item: FeedbackItem) -> str:
    """As fits a customer's first name: whatever a program sent is one printable line."""
    plain = "".join(char if char.isprintable() else " " for char in item.user_name_snapshot or "")
    return " ".join(plain.split())[:100]
