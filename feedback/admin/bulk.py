"""Moves of many items: select, see what will change, do it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from feedback.admin import undoing
from feedback.domain import triage, undo
from feedback.models import FeedbackItem

Status = FeedbackItem.Status
# A page of the list; more is a job for a search and several rounds.
AT_MOST = 200

Action = Callable[[Any, HttpRequest, QuerySet[FeedbackItem]], HttpResponse | None]


def _move_to(status: Status) -> Action:
    @admin.action(description=f"Move to {status.label}", permissions=["change"])
    def action(model_admin: Any, request: HttpRequest, queryset: QuerySet[FeedbackItem]) -> HttpResponse | None:
        items = [item for item in queryset[: AT_MOST + 1] if model_admin.has_change_permission(request, item)]
        if len(items) > AT_MOST:
            model_admin.message_user(request, f"At most {AT_MOST} items at once.", messages.ERROR)
            return None
        if "confirmed" not in request.POST:
            return _preview(model_admin, request, items, status)
        actor = model_admin.actor(request)
        with undo.undoable(actor=actor) as action:
            outcome = triage.set_status_of_many(items=_with_seen_versions(request, items), status=status, actor=actor)
            action.said = f"Moved {_items(outcome.changed)} to {status.label}."
        undoing.tell(model_admin, request, action, *_said(action.said, outcome))
        return None

    action.__name__ = f"move_to_{status.value}"
    return action


ACTIONS = [_move_to(status) for status in Status]


def _preview(model_admin: Any, request: HttpRequest, items: list[FeedbackItem], status: Status) -> TemplateResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"Move to {status.label}",
        "items": items,
        "changing": [item for item in items if item.status != status],
        "status": status,
        "action": f"move_to_{status.value}",
        "checkbox": ACTION_CHECKBOX_NAME,
        "opts": model_admin.opts,
    }
    return TemplateResponse(request, "console/bulk_confirm.html", context)


def _with_seen_versions(request: HttpRequest, items: list[FeedbackItem]) -> dict[FeedbackItem, int]:
    """Each item with the version that the preview showed; a missing or odd one counts as stale."""
    seen = {item: request.POST.get(f"version_{item.pk}", "") for item in items}
    return {item: int(version) if version.isdecimal() else 0 for item, version in seen.items()}


def _said(done: str, outcome: triage.BulkOutcome) -> tuple[str, int]:
    said = [done]
    if outcome.unchanged:
        said.append(f"{_items(outcome.unchanged)} already there.")
    if outcome.skipped:
        said.append(f"{_items(outcome.skipped)} left alone: somebody else changed them in the meantime.")
    return " ".join(said), messages.WARNING if outcome.skipped else messages.SUCCESS


def _items(number: int) -> str:
    return "1 item" if number == 1 else f"{number} items"
