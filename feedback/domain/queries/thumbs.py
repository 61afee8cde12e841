"""Reads of thumbs on AI replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from accounts.models import Account
from accounts.models.base import TenantQuerySet
from feedback.models import FeedbackRecord
from feedbackhub.errors import NotFound


@dataclass(frozen=True, slots=True)
class Thumbs:
    """Whole counts of each kind, and one page of each, newest first."""

    positive_count: int
    negative_count: int
    positive: Sequence[FeedbackRecord]
    negative: Sequence[FeedbackRecord]


def thumbs(account: Account) -> TenantQuerySet[FeedbackRecord]:
    return FeedbackRecord.objects.for_account(account).filter(contract=FeedbackRecord.Contract.INKEEP, tenant_id="")


def thumb_for(*, account: Account, id: str, lock: bool = False) -> FeedbackRecord:
    """One thumb by the sender's id. Raises NotFound, for another account's as well."""
    rows = thumbs(account).filter(submission_id=id)
    record = (rows.select_for_update() if lock else rows).first()
    if record is None:
        raise NotFound("Feedback not found")
    return record


def page(*, account: Account, limit: int, offset: int) -> Thumbs:
    """`limit` and `offset` apply to each kind by itself."""
    rows = thumbs(account)
    counts = rows.aggregate(
        positive=Count("pk", filter=Q(value_boolean=True)), negative=Count("pk", filter=Q(value_boolean=False))
    )
    rows = rows.order_by("-collected_at", "-id")
    end = offset + limit
    return Thumbs(
        positive_count=counts["positive"],
        negative_count=counts["negative"],
        positive=list(rows.filter(value_boolean=True)[offset:end]),
        negative=list(rows.filter(value_boolean=False)[offset:end]),
    )
