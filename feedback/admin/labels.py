"""Labels: an account's own words for its items."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html

from accounts.admin.base import ConsoleAdmin
from accounts.admin.columns import column
from accounts.domain.roles import May
from feedback.domain import labels
from feedback.models import Label


@admin.register(Label)
class LabelAdmin(ConsoleAdmin):
    may_view = May.SEE_FEEDBACK
    may_add = may_change = May.TRIAGE
    may_delete = May.DELETE_FEEDBACK
    empty_hint = "No label yet. Make a few words of your own to sort items by, such as “Refund” or “Summer menu”."

    list_display = ("named", "account", "created_at")
    list_select_related = ("account",)
    search_fields = ("name",)
    search_help_text = "Search names"
    ordering = ("name", "id")
    fields = ("account", "name", "colour")

    @column("Label", order="name")
    def named(self, label: Label) -> str:
        return format_html('<span class="hub-chip is-label is-{}">{}</span>', label.colour, label.name)

    def create_row(self, request: HttpRequest, data: dict[str, Any]) -> Label:
        return labels.create(
            account=data["account"], name=data["name"], colour=data["colour"], actor=self.actor(request)
        )

    def update_row(self, request: HttpRequest, obj: Any, changed: dict[str, Any]) -> bool:
        labels.update(label=obj, actor=self.actor(request), **changed)
        return True

    def remove_row(self, request: HttpRequest, obj: Any) -> bool:
        labels.delete(label=obj, actor=self.actor(request))
        return True
