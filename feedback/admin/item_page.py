"""One item: the words, who said them, what was done, and a button per thing that can be done."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.admin.reach import reach_of
from accounts.domain.actors import Actor
from accounts.domain.queries import colleagues, history
from accounts.domain.roles import May
from accounts.models import User
from crm.domain import timeline
from feedback.admin import duplicates as duplicate_pages
from feedback.admin import item_presence, item_reply, macros, undoing
from feedback.domain import duplicates, labels, triage, undo
from feedback.domain.queries import inbox, item_history, items
from feedback.domain.queries import labels as label_queries
from feedback.models import FeedbackItem
from feedbackhub.errors import Conflict, HubError, Invalid

TIMELINE_LENGTH = 12

# Whose words are not to be typed twice when they could not be kept.
TYPED = ("note", "reply", "area", "issue")

SNAPSHOTS = (
    "user_name_snapshot",
    "user_email_snapshot",
    "business_name_snapshot",
    "plan_snapshot",
    "route",
    "client_version",
    "server_version",
    "environment",
    "user_agent",
)


def show(
    model_admin: Any, request: HttpRequest, object_id: str, *, kept: tuple[str, QueryDict] | None = None
) -> HttpResponse:
    """`kept` is the verb that could not be done and what was typed for it, which its form holds again."""
    item = _item(model_admin, request, object_id)
    typed = {kept[0]: kept[1].get("value", "")} if kept else {}
    people = colleagues.who_can_open(account=item.account)
    if isinstance(request.user, User) and request.user not in people:
        people.append(request.user)
    may_see_customers = reach_of(request).may(May.SEE_CUSTOMERS, item.account_id)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": str(item),
        "opts": model_admin.opts,
        "item": item,
        "may_change": model_admin.has_change_permission(request, item),
        "may_delete": model_admin.has_delete_permission(request, item),
        "statuses": FeedbackItem.Status.choices,
        "types": FeedbackItem.Type.choices,
        "people": people,
        **duplicate_pages.behind(item),
        "notes": inbox.notes_of(item=item),
        "changes": item_history.of_item(item=item),
        **_labels(item),
        "may_see_customers": may_see_customers,
        "timeline": (
            timeline.of_person(customer=item.customer, limit=TIMELINE_LENGTH).entries
            if item.customer and may_see_customers
            else []
        ),
        "snapshots": _snapshots(item),
        "undoable": undo.latest(user=request.user) if isinstance(request.user, User) else None,
        "typed": typed,
        "others": item_presence.others(request, item),
        **macros.context(item),
        **item_reply.context(request, item, kept[1] if kept and kept[0] == "reply" else QueryDict()),
    }
    return TemplateResponse(request, "console/item.html", context, status=HTTPStatus.CONFLICT if kept else None)


def do(model_admin: Any, request: HttpRequest, object_id: str, verb: str) -> HttpResponse:
    """Change one thing and go back; what went wrong is said on the page one comes back to."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if verb not in VERBS:
        raise Http404
    item = _item(model_admin, request, object_id)
    if not model_admin.has_change_permission(request, item):
        raise PermissionDenied
    if verb in item_reply.VERBS and not item_reply.may_reply(request, item):
        raise PermissionDenied
    actor = model_admin.actor(request)
    try:
        with undo.undoable(actor=actor) as action:
            action.said = VERBS[verb](item, request.POST, actor, _version(request.POST), request.user)
    except Conflict:
        model_admin.message_user(request, _conflict(item), messages.WARNING)
    except HubError as error:
        model_admin.message_user(request, error.message, messages.ERROR)
    else:
        undoing.tell(model_admin, request, action)
        return HttpResponseRedirect(_back(request, item))
    if verb in TYPED and request.POST.get("value", "").strip():
        return show(model_admin, request, object_id, kept=(verb, request.POST))
    return HttpResponseRedirect(_back(request, item))


def _back(request: HttpRequest, item: FeedbackItem) -> str:
    return undoing.way_back(request, reverse("admin:feedback_feedbackitem_change", args=[item.pk]))


def choose_original(model_admin: Any, request: HttpRequest, object_id: str) -> HttpResponse:
    """Look for the item that this one repeats."""
    item = _item(model_admin, request, object_id)
    if not model_admin.has_change_permission(request, item):
        raise PermissionDenied
    words = request.GET.get("q", "").strip()[:200]
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "Which item does this repeat?",
        "opts": model_admin.opts,
        "item": item,
        "words": words,
        "candidates": inbox.candidates(item=item, words=words),
    }
    return TemplateResponse(request, "console/choose_original.html", context)


def _item(model_admin: Any, request: HttpRequest, object_id: str) -> FeedbackItem:
    item: FeedbackItem | None = model_admin.get_object(request, object_id)
    if item is None:
        raise Http404("There is no such item.")
    return item


def _labels(item: FeedbackItem) -> dict[str, Any]:
    on = label_queries.of_item(item=item)
    known = label_queries.of_account(account=item.account)
    return {"labels": on, "other_labels": [label for label in known if label not in on], "all_labels": known}


def _snapshots(item: FeedbackItem) -> list[tuple[str, str]]:
    found = [(name, getattr(item, name)) for name in SNAPSHOTS]
    return [(name.replace("_snapshot", "").replace("_", " ").capitalize(), value) for name, value in found if value]


def _version(sent: QueryDict) -> int | None:
    version = sent.get("version", "")
    return int(version) if version.isdecimal() and len(version) < 10 else None


def _conflict(item: FeedbackItem) -> str:
    latest = history.latest(row=item)
    who = f"{latest.who} changed" if latest else "Somebody changed"
    return f"{who} this item while you were looking at it. Nothing was overwritten: look again, then decide."


# --- one domain call per button; each returns what to say ---

Verb = Callable[[FeedbackItem, QueryDict, Actor, int | None, Any], str]


def _status(item: FeedbackItem, sent: QueryDict, actor: Actor, version: int | None, user: Any) -> str:
    triage.set_status(item=item, status=sent.get("value", ""), actor=actor, version=version)
    return f"Now {item.get_status_display().lower()}."


def _type(item: FeedbackItem, sent: QueryDict, actor: Actor, version: int | None, user: Any) -> str:
    triage.set_type(item=item, type=sent.get("value", ""), actor=actor, version=version)
    return f"Type is {item.get_type_display().lower()}."


def _area(item: FeedbackItem, sent: QueryDict, actor: Actor, version: int | None, user: Any) -> str:
    triage.set_area(item=item, area=sent.get("value"), actor=actor, version=version)
    return f"Area is {item.area}." if item.area else "Area cleared."


def _issue(item: FeedbackItem, sent: QueryDict, actor: Actor, version: int | None, user: Any) -> str:
    triage.link_issue(item=item, url=sent.get("value"), actor=actor, version=version)
    return "Issue linked." if item.external_issue_url else "Issue link removed."


def _assign(item: FeedbackItem, sent: QueryDict, actor: Actor, version: int | None, user: Any) -> str:
    """`value` is a user's public id, "me", or blank for nobody."""
    wanted = sent.get("value", "")
    people = {person.public_id: person for person in colleagues.who_can_open(account=item.account)}
    people |= {"me": user, user.public_id: user}
    if wanted and wanted not in people:
        raise Invalid("There is no such person here.", field="assignee")
    triage.assign(item=item, assignee=people.get(wanted), actor=actor, version=version)
    return f"Assigned to {item.assignee}." if item.assignee else "Assigned to nobody."


def _note(item: FeedbackItem, sent: QueryDict, actor: Actor, version: int | None, user: Any) -> str:
    triage.add_note(item=item, body=sent.get("value", ""), actor=actor, version=version)
    return "Note added."


def _duplicate(item: FeedbackItem, sent: QueryDict, actor: Actor, version: int | None, user: Any) -> str:
    """`value` is the original's id; blank undoes the link."""
    wanted = sent.get("value", "").strip()
    if not wanted:
        triage.clear_duplicate(item=item, actor=actor, version=version)
        return "No longer a duplicate."
    original = items.reference(account=item.account, id=_uuid(wanted), field="duplicate_of")
    root = duplicates.merge(item=item, into=original, actor=actor, version=version)
    return "Marked as a duplicate." if root == original else f"Marked as a duplicate of “{root!s}”."


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Invalid("There is no such feedback item.", field="duplicate_of") from None


def _label(item: FeedbackItem, sent: QueryDict, actor: Actor, version: int | None, user: Any) -> str:
    label = label_queries.label_for(account=item.account, id=sent.get("value", ""))
    added = labels.add(item=item, label=label, actor=actor)
    return f"Labelled “{label}”." if added else f"The item has the label “{label}” already."


def _unlabel(item: FeedbackItem, sent: QueryDict, actor: Actor, version: int | None, user: Any) -> str:
    label = label_queries.label_for(account=item.account, id=sent.get("value", ""))
    removed = labels.remove(item=item, label=label, actor=actor)
    return f"Label “{label}” removed." if removed else f"The item does not have the label “{label}”."


VERBS: dict[str, Verb] = {
    "label": _label,
    "unlabel": _unlabel,
    "status": _status,
    "type": _type,
    "area": _area,
    "issue": _issue,
    "assign": _assign,
    "note": _note,
    "duplicate": _duplicate,
    **duplicate_pages.VERBS,
    **item_reply.VERBS,
    **macros.VERBS,
}
