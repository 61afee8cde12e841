"""Merging many items into one of them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import suppress

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest

from accounts.admin.reach import reach_of
from accounts.domain.roles import May
from feedback.admin.bulk_table import BulkAction, Choices, Told, Value
from feedback.domain import duplicates
from feedback.domain.queries import items
from feedback.models import FeedbackItem, Label
from feedbackhub.errors import Invalid

ALONE = "stands for itself"


def _chosen(request: HttpRequest) -> list[FeedbackItem]:
    """The selected items, the oldest first: it is the likeliest to be the one that the others repeat."""
    ids = []
    for text in request.POST.getlist(ACTION_CHECKBOX_NAME):
        with suppress(ValueError):
            ids.append(uuid.UUID(text))
    reach = reach_of(request)
    return items.within(accounts=None if reach.everything else reach.accounts(May.TRIAGE), ids=ids)


def _menu(request: HttpRequest, rows: Sequence[FeedbackItem]) -> Choices:
    return [(str(item.pk), f"{item.message[:100]} ({item.created_at:%-d %b %Y})") for item in _chosen(request)]


def _one(request: HttpRequest, sent: str) -> Value:
    found = next((item for item in _chosen(request) if str(item.pk) == sent), None)
    if found is None:
        raise Invalid("Choose which of them the others repeat.")
    return Value(sent, found, found.message[:60])


def _now(item: FeedbackItem, on: list[Label]) -> str:
    return f"repeats “{item.duplicate_of.message[:60]}”" if item.duplicate_of else ALONE


def _then(item: FeedbackItem, on: list[Label], value: Value) -> Told:
    if item.account_id != value.given.account_id:
        return None
    return _now(item, on) if item.pk == value.given.pk else f"repeats “{value.told}”"


MERGE = BulkAction(
    key="merge",
    title="Merge into one…",
    asks="The one that the others repeat",
    choices=_menu,
    parse=_one,
    now=_now,
    then=_then,
    do=lambda items, value, actor: duplicates.merge_many(items=items, into=value.given, actor=actor),
    said=lambda done, value: f"Merged {done} into “{value.told}”.",
)
