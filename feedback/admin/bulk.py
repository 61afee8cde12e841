"""Changes of many items: select, see what will change, do it, undo it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from feedback.admin import undoing
from feedback.admin.bulk_merge import MERGE
from feedback.admin.bulk_table import ACTIONS as TABLE
from feedback.admin.bulk_table import BulkAction, Value
from feedback.domain import undo
from feedback.domain.queries import labels
from feedback.domain.triage import BulkOutcome
from feedback.models import FeedbackItem
from feedbackhub.errors import HubError

# A few pages of the list; more is a job for a search and several rounds.
AT_MOST = 200

Action = Callable[[Any, HttpRequest, QuerySet[FeedbackItem]], HttpResponse | None]


def _action(what: BulkAction) -> Action:
    @admin.action(description=what.title, permissions=["change"])
    def action(model_admin: Any, request: HttpRequest, queryset: QuerySet[FeedbackItem]) -> HttpResponse | None:
        items = [item for item in queryset[: AT_MOST + 1] if model_admin.has_change_permission(request, item)]
        if len(items) > AT_MOST:
            model_admin.message_user(request, f"At most {AT_MOST} items at once.", messages.ERROR)
            return None
        sent = what.fixed or request.POST.get("value")
        if sent is None:
            return _preview(model_admin, request, items, what, None)
        try:
            value = what.parse(request, sent)
        except HubError as error:
            return _preview(model_admin, request, items, what, None, error.message)
        # Only what was shown is done: the menu may say something else by now.
        if "confirmed" not in request.POST or request.POST.get("shown", "") != sent:
            return _preview(model_admin, request, items, what, value)
        _do(model_admin, request, items, what, value)
        return None

    action.__name__ = what.key
    return action


ACTIONS = [_action(what) for what in (*TABLE, MERGE)]


def _do(model_admin: Any, request: HttpRequest, items: list[FeedbackItem], what: BulkAction, value: Value) -> None:
    actor = model_admin.actor(request)
    try:
        with undo.undoable(actor=actor) as action:
            outcome = what.do(_with_seen_versions(request, items), value, actor)
            action.said = what.said(_items(outcome.changed), value)
    except HubError as error:
        model_admin.message_user(request, error.message, messages.ERROR)
    else:
        undoing.tell(model_admin, request, action, *_said(action.said, outcome))


def _preview(
    model_admin: Any,
    request: HttpRequest,
    items: list[FeedbackItem],
    what: BulkAction,
    value: Value | None,
    problem: str = "",
) -> TemplateResponse:
    on = labels.of_items(ids=[item.pk for item in items])
    rows = [_row(item, on.get(item.pk, []), what, value) for item in items]
    context = {
        **model_admin.admin_site.each_context(request),
        "title": what.title.removesuffix("…"),
        "what": what,
        "choices": what.choices(request, items) if what.choices else None,
        "value": value,
        "problem": problem,
        "rows": rows,
        "changing": sum(row["changes"] for row in rows),
        "checkbox": ACTION_CHECKBOX_NAME,
        "opts": model_admin.opts,
    }
    return TemplateResponse(request, "console/bulk_confirm.html", context)


def _row(item: FeedbackItem, on: list[Any], what: BulkAction, value: Value | None) -> dict[str, Any]:
    now = what.now(item, on)
    then = what.then(item, on, value) if value else None
    return {"item": item, "now": now, "then": then, "changes": then is not None and then != now}


def _with_seen_versions(request: HttpRequest, items: list[FeedbackItem]) -> dict[FeedbackItem, int]:
    """Each item with the version that the preview showed; a missing or odd one counts as stale."""
    seen = {item: request.POST.get(f"version_{item.pk}", "") for item in items}
    return {item: int(version) if version.isdecimal() and len(version) < 10 else 0 for item, version in seen.items()}


def _said(done: str, outcome: BulkOutcome) -> tuple[str, int]:
    said = [done]
    if outcome.unchanged:
        said.append(f"{_items(outcome.unchanged)} already so.")
    if outcome.skipped:
        said.append(f"{_items(outcome.skipped)} left alone: not possible, or somebody else changed them meanwhile.")
    return " ".join(said), messages.WARNING if outcome.skipped else messages.SUCCESS


def _items(number: int) -> str:
    return "1 item" if number == 1 else f"{number} items"
