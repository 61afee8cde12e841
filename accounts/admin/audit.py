"""Who did what lately, kind by kind."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.admin.reach import chosen_account, reach_of
from accounts.domain.queries import history
from accounts.domain.roles import May

PAGE = 50
# What changes most comes first.
ORDER = ("feedback", "crm", "campaigns", "reviews", "accounts")


def show(request: HttpRequest, kind: str = "") -> HttpResponse:
    """One page of one kind of rows, newest first; `before` is the last page's last event."""
    reach = reach_of(request)
    if not reach.may(May.SEE_AUDIT):
        raise PermissionDenied
    kinds = _kinds(request)
    model = kinds.get(kind) if kind else next(iter(kinds.values()), None)
    if model is None:
        raise Http404("There is no such kind of rows.")
    before = request.GET.get("before", "")
    events = history.recent(
        model=model,
        accounts=_accounts(request),
        before=int(before) if before.isdecimal() and len(before) < 19 else None,
        limit=PAGE + 1,
    )
    context = {
        **admin.site.each_context(request),
        "title": "Audit",
        "kinds": [
            {
                "title": str(each._meta.verbose_name_plural).capitalize(),
                "url": reverse("admin:audit_of", args=[label]),
                "current": each is model,
            }
            for label, each in kinds.items()
        ],
        "events": events[:PAGE],
        "history_url": f"admin:{model._meta.app_label}_{model._meta.model_name}_history",
        "older": events[PAGE - 1].id if len(events) > PAGE else None,
    }
    return TemplateResponse(request, "console/audit.html", context)


def _kinds(request: HttpRequest) -> dict[str, Any]:
    """What the reader may see at all, of what is tracked with its account."""
    mine = reach_of(request)
    registered = sorted(admin.site._registry.items(), key=lambda pair: ORDER.index(pair[0]._meta.app_label))
    return {
        model._meta.label_lower: model
        for model, model_admin in registered
        if history.is_tracked(model)
        and model_admin.has_view_permission(request)
        and (mine.everything or history.has_account(model))
    }


def _accounts(request: HttpRequest) -> list[int] | None:
    chosen = chosen_account(request)
    mine = reach_of(request)
    if chosen is not None:
        return [chosen.pk] if mine.may(May.SEE_AUDIT, chosen.pk) else []
    return None if mine.everything else mine.accounts(May.SEE_AUDIT)
