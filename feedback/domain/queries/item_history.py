"""What happened to an item: its own changes, and the labels that came and went."""

from __future__ import annotations

from typing import Any

import pghistory.core

from accounts.domain.queries import history
from accounts.domain.queries.history import Change
from feedback.models import FeedbackItem, ItemLabel, Label

VERBS = {"insert": "added the label", "delete": "removed the label"}


def of_item(*, item: FeedbackItem, limit: int = 200) -> list[Change]:
    """Newest first."""
    changes = [*history.of_row(row=item, limit=limit), *_labelled(item, limit)]
    return sorted(changes, key=lambda change: change.at, reverse=True)[:limit]


def _labelled(item: FeedbackItem, limit: int) -> list[Change]:
    (event_model,) = pghistory.core.event_models(tracks_model=ItemLabel)
    events: Any = event_model._default_manager.filter(item=item.pk, pgh_label__in=VERBS).order_by("-pgh_id")[:limit]
    named = Label.objects.for_account(item.account_id).in_bulk({event.label_id for event in events}) if events else {}
    return [_change(event, named) for event in events]


def _change(event: Any, named: dict[int, Label]) -> Change:
    label = named.get(event.label_id)
    words = f"{VERBS[event.pgh_label]} “{label}”" if label else f"{VERBS[event.pgh_label]} that is deleted now"
    return history.told(event, f"undid, which {words}" if (event.pgh_context or {}).get("undo") else words)
