"""Macros: made here, applied on an item's page."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse

from accounts.admin.base import ConsoleAdmin
from accounts.admin.columns import column
from accounts.admin.reach import reach_of
from accounts.domain.actors import Actor
from accounts.domain.queries import colleagues
from accounts.domain.roles import May
from accounts.models import User
from feedback.domain import macros
from feedback.domain.queries import macros as queries
from feedback.models import FeedbackItem, Macro
from feedbackhub.errors import Invalid, NotFound

HINT = (
    "Sent to whoever said it, if they may be contacted. {{ customer.fname }}, {{ customer.name }}, {{ account.name }}, "
    "{{ item.message }}, {{ item.area }} and {{ me.name }} are filled in; "
    "{{ customer.fname | default: 'there' }} says “there” where no name is known."
)


@admin.register(Macro)
class MacroAdmin(ConsoleAdmin):
    may_view = May.TRIAGE
    may_add = may_change = may_delete = May.EDIT_MACROS
    empty_hint = "No macro yet. Make one for what you do to items over and over, such as “Planned, and say thank you”."

    list_display = ("name", "key", "does", "account")
    list_select_related = ("account", "assignee")
    search_fields = ("name",)
    search_help_text = "Search names"
    ordering = ("key", "name", "id")
    fields = (
        "account", "name", "key", "status", "type", "area", "assign_to_me", "assignee", "labels", "note", "reply"
    )  # fmt: skip
    hints = {
        "key": "A digit from 1 to 9: pressed after m on an item's page.",
        "status": "What is left blank stays as it is.",
        "assign_to_me": "To whoever applies the macro.",
        "labels": "Added to those that the item has.",
        "note": "Only your team reads it.",
        "reply": HINT,
    }

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("labels")

    @column("Does")
    def does(self, macro: Macro) -> str:
        return macros.summary(macro)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "assignee":
            reach = reach_of(request)
            kwargs["queryset"] = colleagues.members_of(ids=None if reach.everything else list(reach.roles))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def create_row(self, request: HttpRequest, data: dict[str, Any]) -> Macro:
        given = {name: data[name] for name in self.fields if name != "account"}
        return macros.create(account=data["account"], actor=self.actor(request), **given)

    def update_row(self, request: HttpRequest, obj: Any, changed: dict[str, Any]) -> bool:
        macros.update(macro=obj, actor=self.actor(request), **changed)
        return True

    def remove_row(self, request: HttpRequest, obj: Any) -> bool:
        macros.delete(macro=obj, actor=self.actor(request))
        return True


# --- On an item's page ---


def context(item: FeedbackItem) -> dict[str, Any]:
    found = queries.of_account(account=item.account)
    return {"macros": [(macro, macros.summary(macro)) for macro in found]}


def apply(item: FeedbackItem, sent: QueryDict, actor: Actor, version: int | None, user: Any) -> str:
    macro = queries.macro_for(account=item.account, id=sent.get("value", ""))
    if macro.reply and not sent.get("confirmed"):
        raise Invalid("This macro writes to somebody: look at what it says first.", field="macro")
    try:
        token = uuid.UUID(sent.get("token", ""))
    except ValueError:
        token = uuid.uuid4()
    macros.apply(macro=macro, item=item, user=user, version=version, token=token)
    return f"Applied “{macro}”."


def preview(model_admin: Any, request: HttpRequest, object_id: str, macro_id: str) -> HttpResponse:
    """What the macro would do to this item."""
    item: FeedbackItem | None = model_admin.get_object(request, object_id)
    if item is None or not isinstance(request.user, User):
        raise Http404("There is no such item.")
    if not model_admin.has_change_permission(request, item):
        raise PermissionDenied
    try:
        macro = queries.macro_for(account=item.account, id=macro_id)
    except NotFound as error:
        raise Http404(error.message) from None
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"Apply “{macro}”",
        "opts": model_admin.opts,
        "item": item,
        "macro": macro,
        "plan": macros.plan(macro=macro, item=item, user=request.user),
        "token": uuid.uuid4(),
    }
    return TemplateResponse(request, "console/macro_preview.html", context)


VERBS = {"macro": apply}
