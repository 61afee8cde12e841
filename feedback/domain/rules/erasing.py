"""Whoever has a record erased has its words erased with it, also those that a rule copied into an item."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import pgtrigger
from django.apps import apps
from django.db.models import F

from feedback.models import FeedbackItem

ERASED = "Erased, as its sender asked."


def forget(*, records: Sequence[UUID]) -> int:
    """Blank the items that rules made of these records, and what the history says of their words; how many.

    What the team decided about them stays. Call it before the records go, in the same transaction: what ties an item
    to a record goes with the record.
    """
    made = FeedbackItem.objects.filter(origin__isnull=False, evidence__record__in=records)
    ids = sorted(set(made.values_list("pk", flat=True)))
    if not ids:
        return 0
    FeedbackItem.objects.filter(pk__in=ids).update(message=ERASED, customer=None, version=F("version") + 1)
    history = apps.get_model("feedback", "FeedbackItemEvent")
    # The history is append-only for everybody else.
    with pgtrigger.ignore("feedback.FeedbackItemEvent:append_only"):
        history._default_manager.filter(pgh_obj__in=ids).update(message=ERASED, customer=None)
    return len(ids)
