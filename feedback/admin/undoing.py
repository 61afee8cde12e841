"""The button in a message that takes back what it tells of."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from feedback.domain import undo
from feedbackhub.errors import HubError

# What templates/unfold/helpers/messages.html looks for.
TAG = "undo:"


def tell(
    model_admin: Any, request: HttpRequest, action: undo.Action, said: str = "", level: int = messages.SUCCESS
) -> None:
    """Say what was done, with the button if anything was; `said` where more is to be said than what was done."""
    tags = f"{TAG}{action.id}" if action.id else ""
    model_admin.message_user(request, said or action.said, level, extra_tags=tags)


def take_back(model_admin: Any, request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        undone = undo.undo(id=_uuid(request.POST.get("action", "")), user=request.user)  # type: ignore[arg-type]
    except HubError as error:
        model_admin.message_user(request, error.message, messages.ERROR)
    else:
        level = messages.WARNING if undone.skipped else messages.SUCCESS
        model_admin.message_user(request, _said(undone), level)
    return HttpResponseRedirect(way_back(request, reverse("admin:feedback_feedbackitem_changelist")))


def way_back(request: HttpRequest, default: str) -> str:
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return default


def _said(undone: undo.Undone) -> str:
    if not undone.skipped:
        return f"Undone: {undone.said}"
    left = (
        "1 item has changed since and stayed as it is."
        if undone.skipped == 1
        else f"{undone.skipped} items have changed since and stayed as they are."
    )
    return f"Undone: {undone.said} {left}" if undone.restored else f"Nothing was undone: {left}"


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)
