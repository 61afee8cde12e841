"""Reads of labels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from accounts.models import Account
from feedback.models import FeedbackItem, ItemLabel, Label
from feedbackhub.errors import BadReference

AT_MOST = 500


def label_for(*, account: Account, id: str) -> Label:
    """One label of the account. Raises BadReference, for another account's as well."""
    found = Label.objects.for_account(account).numbered(int(id) if id.isdecimal() and len(id) < 20 else 0).first()
    if found is None:
        raise BadReference("There is no such label.", field="label")
    return found


def label_within(*, accounts: Collection[int] | None, id: str) -> Label:
    """One label of any of these accounts; None means all. Raises BadReference."""
    rows = Label.objects.numbered(int(id) if id.isdecimal() and len(id) < 20 else 0).select_related("account")
    found = rows.first() if accounts is None else rows.filter(account__in=accounts).first()
    if found is None:
        raise BadReference("There is no such label.", field="label")
    return found


def of_account(*, account: Account) -> list[Label]:
    return within(accounts=[account.pk])


def within(*, accounts: Collection[int] | None) -> list[Label]:
    """The labels of these accounts by name, None means all; no more than a menu can hold."""
    rows = Label.objects.all() if accounts is None else Label.objects.filter(account__in=accounts)
    return list(rows.select_related("account").order_by("name", "pk")[:AT_MOST])


def of_item(*, item: FeedbackItem) -> list[Label]:
    return of_items(ids=[item.pk]).get(item.pk, [])


def of_items(*, ids: Collection[UUID]) -> dict[UUID, list[Label]]:
    """Every item's labels by name, in one query."""
    found: dict[UUID, list[Label]] = defaultdict(list)
    rows = ItemLabel.objects.filter(item__in=ids).select_related("label").order_by("label__name", "pk")
    for row in rows:
        found[row.item_id].append(row.label)
    return found
