"""Reads of items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q
from django.db.models.expressions import Combinable

from accounts.models import Account
from accounts.models.base import TenantQuerySet
from feedback.models import FeedbackItem
from feedbackhub.errors import BadReference, NotFound
from feedbackhub.keyset import behind

SEARCHED = ("message", "area", "route")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilter:
    """`where` and `search_in` are of columns the edge has chosen from its own table, never names a caller sent."""

    where: Q = field(default_factory=Q)
    search: str = ""
    search_in: tuple[str, ...] = SEARCHED
    nothing: bool = False


class SortKey(NamedTuple):
    """One key of an order: a column, or an expression under a name of its own. Never null."""

    name: str
    descending: bool = False
    expression: Combinable | None = None


# What ends every order: no two items share it.
_LAST = "-id"
NEWEST = (SortKey("created_at", descending=True),)


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


def within(*, accounts: Sequence[int] | None, ids: Sequence[UUID]) -> list[FeedbackItem]:
    """Those of the items that are in these accounts, or None for all; the oldest first."""
    rows = FeedbackItem.objects.filter(pk__in=ids).select_related("account", "duplicate_of")
    if accounts is not None:
        rows = rows.filter(account__in=accounts)
    return list(rows.order_by("created_at", "pk"))


def page(
    *,
    account: Account,
    wanted: ItemFilter,
    limit: int,
    order: Sequence[SortKey] = NEWEST,
    after: Sequence[Any] | None = None,
) -> Sequence[FeedbackItem]:
    """Up to `limit` items; `after` is the `position` of the last one seen, in the same order."""
    rows: Any = matching(account=account, wanted=wanted)
    rows = rows.annotate(**{key.name: key.expression for key in order if key.expression is not None})
    names = [*(f"-{key.name}" if key.descending else key.name for key in order), _LAST]
    if after is not None:
        rows = rows.filter(behind(names, after))
    return list(rows.order_by(*names)[:limit])


def position(item: FeedbackItem, order: Sequence[SortKey]) -> list[Any]:
    """Where an item of a page stands in its order."""
    return [*(getattr(item, key.name) for key in order), item.pk]


def count(*, account: Account, wanted: ItemFilter) -> int:
    return matching(account=account, wanted=wanted).count()


def matching(*, account: Account, wanted: ItemFilter) -> TenantQuerySet[FeedbackItem]:
    rows = _items(account)
    if wanted.nothing:
        return rows.none()
    if wanted.search:
        rows = rows.filter(reduce(or_, (Q(**{f"{name}__icontains": wanted.search}) for name in wanted.search_in)))
    return rows.filter(wanted.where)


def _items(account: Account) -> TenantQuerySet[FeedbackItem]:
    return FeedbackItem.objects.for_account(account).select_related("account", "submitted_by")
