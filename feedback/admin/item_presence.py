"""Who else has an item's page open, and whether somebody changed it: what the page asks every few seconds."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse

from accounts.domain.queries import history
from accounts.models import User
from feedback.domain import presence
from feedback.models import FeedbackItem
from feedbackhub.templatetags.console import span


def others(request: HttpRequest, item: FeedbackItem) -> list[str]:
    """At the time of rendering; what a page without scripts gets."""
    if not isinstance(request.user, User):
        return []
    return [other.told for other in presence.here(item=item, user=request.user)]


def beat(model_admin: Any, request: HttpRequest, object_id: str) -> HttpResponse:
    """POST: `version` is what the page shows, `replying` says that a reply is being typed, `gone` that it closes."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    item: FeedbackItem | None = model_admin.get_object(request, object_id)
    if item is None or not isinstance(request.user, User):
        raise Http404("There is no such item.")
    if request.POST.get("gone"):
        presence.gone(item=item, user=request.user)
        return JsonResponse({})
    found = presence.here(item=item, user=request.user, replying=bool(request.POST.get("replying")))
    stale = request.POST.get("version") != str(item.version)
    response = JsonResponse({"others": [other.told for other in found], "changed": changed(item) if stale else ""})
    response["Cache-Control"] = "no-store"
    return response


def changed(item: FeedbackItem) -> str:
    """Who changed it last, and how long ago."""
    latest = history.latest(row=item)
    if latest is None:
        return "Somebody changed this."
    return f"{latest.who} changed this {span(latest.seconds_ago)} ago."
