"""Reads of items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts.models import Account
from accounts.models.base import TenantQuerySet
from feedback.models import FeedbackItem
from feedbackhub.errors import BadReference, NotFound
from feedbackhub.keyset import behind

NEWEST = ("-created_at", "-id")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilter:
    """`where` holds Django look-ups the edge has chosen from its own table, never names a caller sent."""

    where: dict[str, Any] = field(default_factory=dict)
    search: str = ""
    nothing: bool = False


def item_for(*, account: Account, id: UUID) -> FeedbackItem:
    """One item. Raises NotFound, for another account's as well."""
    item = _items(account).filter(pk=id).first()
    if item is None:
        raise NotFound("Feedback item not found.")
    return item


def reference(*, account: Account, id: UUID, field: str) -> FeedbackItem:
    """An item that a body names; BadReference when it is not one of the account's."""
    try:
        return item_for(account=account, id=id)
    except NotFound:
        raise BadReference("There is no such feedback item.", field=field) from None


def page(
    *, account: Account, wanted: ItemFilter, limit: int, after: tuple[datetime, UUID] | None = None
) -> Sequence[FeedbackItem]:
    """Up to `limit` items, newest first; `after` is the creation time and id of the last one seen."""
    rows = matching(account=account, wanted=wanted)
    if after is not None:
        rows = rows.filter(behind(NEWEST, after))
    return list(rows.order_by(*NEWEST)[:limit])


def matching(*, account: Account, wanted: ItemFilter) -> TenantQuerySet[FeedbackItem]:
    rows = _items(account)
    if wanted.nothing:
        return rows.none()
    if wanted.search:
        text = wanted.search
        rows = rows.filter(Q(message__icontains=text) | Q(area__icontains=text) | Q(route__icontains=text))
    return rows.filter(**wanted.where)


def _items(account: Account) -> TenantQuerySet[FeedbackItem]:
    return FeedbackItem.objects.for_account(account).select_related("account", "submitted_by")
