"""Reads of typed answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from accounts.models import Account
from accounts.models.base import TenantQuerySet
from feedback.models import FeedbackRecord
from feedbackhub.errors import NotFound
from feedbackhub.keyset import behind

Sort = Literal["collected_at", "created_at"]


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a sorted list: right after this row."""

    at: datetime
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFilter:
    """What a list or count is narrowed to. `any_of` maps a column to the values it may have."""

    tenant_id: str | None = None
    any_of: dict[str, list[str]] = field(default_factory=dict)
    # Django look-ups such as {"collected_at__gte": …}; a range leaves rows without a value out.
    ranges: dict[str, Any] = field(default_factory=dict)
    nothing: bool = False


def of_hub(account: Account | int) -> TenantQuerySet[FeedbackRecord]:
    """The records that came by the Hub contract; other contracts' answers have their own doors."""
    return FeedbackRecord.objects.for_account(account).filter(contract=FeedbackRecord.Contract.HUB)


def record_for(*, account: Account, id: UUID, lock: bool = False) -> FeedbackRecord:
    """One record of the Hub contract. Raises NotFound, for another account's as well."""
    rows = of_hub(account).filter(pk=id)
    record = (rows.select_for_update() if lock else rows).first()
    if record is None:
        raise NotFound("feedback record not found", details={"resource_type": "feedback record"})
    return record


def matching(*, account: Account, wanted: RecordFilter) -> TenantQuerySet[FeedbackRecord]:
    return narrowed(of_hub(account), wanted)


def narrowed(rows: TenantQuerySet[FeedbackRecord], wanted: RecordFilter) -> TenantQuerySet[FeedbackRecord]:
    if wanted.nothing:
        return rows.none()
    if wanted.tenant_id is not None:
        rows = rows.filter(tenant_id=wanted.tenant_id)
    for column, values in wanted.any_of.items():
        rows = rows.filter(**{f"{column}__in": values})
    return rows.filter(**wanted.ranges)


def page(
    *,
    account: Account,
    wanted: RecordFilter,
    limit: int,
    sort: Sort = "collected_at",
    descending: bool = True,
    after: Position | None = None,
    offset: int = 0,
) -> Sequence[FeedbackRecord]:
    """Up to `limit` records; equal times are in the order of their ids."""
    order = (f"-{sort}" if descending else sort, "id")
    rows = matching(account=account, wanted=wanted)
    if after is not None:
        rows = rows.filter(behind(order, (after.at, after.id)))
    rows = rows.order_by(*order)
    return list(rows[offset : offset + limit])


def count(*, account: Account, wanted: RecordFilter) -> int:
    return matching(account=account, wanted=wanted).count()
