"""Duplicates in the console: what looks like an item, what stands behind it, and pairs to work through."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse

from accounts.admin.reach import one_account, reach_of
from accounts.domain.actors import Actor
from accounts.domain.roles import May
from feedback.domain import duplicates
from feedback.domain.queries import groups, items, suggestions, telling
from feedback.models import FeedbackItem
from feedbackhub.errors import Invalid

# Shown at once; the rest comes up as these are decided.
PAIRS = 20


@dataclass(frozen=True)
class Apart:
    """Another item that somebody said is something else."""

    item: FeedbackItem
    by: str
    at: Any


def behind(item: FeedbackItem) -> dict[str, Any]:
    """What an item's page shows of what repeats it: nothing is read twice where nothing does."""
    rows = groups.evidence_behind(root=item)
    return {
        "group": groups.group_of(root=item),
        "worked_on": _worked_on(item),
        "evidence": [(row.record, telling.score(row.record), row.item_id != item.pk) for row in rows],
    }


def _worked_on(item: FeedbackItem) -> FeedbackItem | None:
    """The end of the chain, where it is not what the item itself points at."""
    if item.duplicate_of is None or item.duplicate_of.duplicate_of_id is None:
        return None
    return items.item_for(account=item.account, id=groups.root_of(item=item))


def alike(model_admin: Any, request: HttpRequest, object_id: str) -> HttpResponse:
    """What an item looks like: a part of its page, asked for once that is shown, or a page of its own."""
    item = model_admin.get_object(request, object_id)
    if item is None:
        raise Http404("There is no such item.")
    if not model_admin.has_change_permission(request, item):
        raise PermissionDenied
    context = {
        "item": item,
        "suggestions": suggestions.like(item=item),
        "apart": [_apart(item, pair) for pair in suggestions.dismissed(item=item)],
        "may_see_customers": reach_of(request).may(May.SEE_CUSTOMERS, item.account_id),
    }
    if "part" in request.GET:
        return TemplateResponse(request, "console/alike_list.html", context)
    page = {**model_admin.admin_site.each_context(request), "title": "Looks like", "opts": model_admin.opts}
    return TemplateResponse(request, "console/alike.html", {**page, **context})


def pairs(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Pairs of one account's open items to work through; `done` counts those decided in this sitting."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    account = one_account(request)
    if account is not None and not reach_of(request).may(May.TRIAGE, account.pk):
        raise PermissionDenied
    found = suggestions.pairs(account=account) if account else []
    sent = request.GET.get("done", "")
    done = int(sent) if sent.isdecimal() and len(sent) < 5 else 0
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "Possible duplicates",
        "opts": model_admin.opts,
        "account": account,
        "pairs": found[:PAIRS],
        "left": len(found),
        "more": max(0, len(found) - PAIRS),
        "done": done,
        "next": f"{request.path}?done={done + 1}",
        "compared": suggestions.PAIRED,
    }
    return TemplateResponse(request, "console/duplicates.html", context)


def _apart(item: FeedbackItem, pair: Any) -> Apart:
    return Apart(pair.second if pair.first_id == item.pk else pair.first, pair.said_by_name, pair.created_at)


# --- Buttons; each returns what to say ---


def repeats(item: FeedbackItem, sent: QueryDict, actor: Actor, version: int | None, user: Any) -> str:
    """This item repeats `value`."""
    root = duplicates.merge(item=item, into=_other(item, sent), actor=actor, version=version)
    return f"Merged into “{_short(root)}”."


def repeated_by(item: FeedbackItem, sent: QueryDict, actor: Actor, version: int | None, user: Any) -> str:
    """`value` repeats this item."""
    other = _other(item, sent)
    duplicates.merge(item=other, into=item, actor=actor, version=_number(sent.get("other_version", "")))
    return f"“{_short(other)}” is merged into this."


def apart(item: FeedbackItem, sent: QueryDict, actor: Actor, version: int | None, user: Any) -> str:
    other = _other(item, sent)
    duplicates.tell_apart(item=item, other=other, actor=actor)
    return f"“{_short(other)}” is something else and will not be suggested again."


def suggest_again(item: FeedbackItem, sent: QueryDict, actor: Actor, version: int | None, user: Any) -> str:
    other = _other(item, sent)
    duplicates.take_back(item=item, other_id=other.pk, actor=actor)
    return f"“{_short(other)}” may be suggested again."


def takes_alike(item: FeedbackItem, sent: QueryDict, actor: Actor, version: int | None, user: Any) -> str:
    on = sent.get("value") == "on"
    duplicates.take_alike(item=item, on=on, actor=actor, version=version)
    return "Later arrivals that say the same join this item." if on else "Later arrivals stay items of their own."


VERBS = {
    "repeats": repeats,
    "repeated-by": repeated_by,
    "apart": apart,
    "suggest-again": suggest_again,
    "takes-alike": takes_alike,
}


def _other(item: FeedbackItem, sent: QueryDict) -> FeedbackItem:
    try:
        id = uuid.UUID(sent.get("value", ""))
    except ValueError:
        raise Invalid("There is no such feedback item.", field="value") from None
    return items.reference(account=item.account, id=id, field="value")


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _short(item: FeedbackItem) -> str:
    return item.message if len(item.message) <= 60 else f"{item.message[:59]}…"
