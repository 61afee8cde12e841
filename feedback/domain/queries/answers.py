"""Reads of typed answers of every contract; records.py has those of the Hub contract alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from accounts.models import Account
from accounts.models.base import TenantQuerySet
from feedback.domain.queries.records import RecordFilter, narrowed
from feedback.models import FeedbackRecord
from feedbackhub.errors import NotFound
from feedbackhub.keyset import behind


def record_for(*, account: Account, id: UUID) -> FeedbackRecord:
    """One record. Raises NotFound, for another account's as well."""
    record = FeedbackRecord.objects.for_account(account).filter(pk=id).first()
    if record is None:
        raise NotFound("There is no such record.")
    return record


def matching(*, account: Account, wanted: RecordFilter) -> TenantQuerySet[FeedbackRecord]:
    return narrowed(FeedbackRecord.objects.for_account(account), wanted)


def page(
    *, account: Account, wanted: RecordFilter, order: Sequence[str], after: Sequence[Any] | None, limit: int
) -> Sequence[FeedbackRecord]:
    """Up to `limit` records in `order`, behind the row whose values in that order are `after`."""
    rows = matching(account=account, wanted=wanted)
    if after is not None:
        rows = rows.filter(behind(order, after))
    return list(rows.order_by(*order)[:limit])


def count(*, account: Account, wanted: RecordFilter) -> int:
    return matching(account=account, wanted=wanted).count()
