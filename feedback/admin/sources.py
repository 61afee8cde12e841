"""Registered sources and what they delivered."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin.base import ConsoleAdmin
from accounts.admin.columns import as_json, column
from accounts.admin.filters import DaysFilter, ReachedFilter
from accounts.domain.roles import May
from feedback.domain import sources
from feedback.models import Source, SourceRecord


@admin.register(Source)
class SourceAdmin(ConsoleAdmin):
    may_view = May.SEE_FEEDBACK
    may_add = may_change = May.EDIT_SOURCES
    empty_hint = "No source yet. A source is registered by API or here, then delivers records."

    list_display = ("name", "type", "id", "account", "created_at")
    list_select_related = ("account",)
    search_fields = ("name",)
    search_help_text = "Search names"
    ordering = ("name", "id")
    fields = ("account", "name", "type")

    def create_row(self, request: HttpRequest, data: dict[str, Any]) -> Source:
        return sources.create(account=data["account"], name=data["name"], type=data["type"], actor=self.actor(request))


@admin.register(SourceRecord)
class SourceRecordAdmin(ConsoleAdmin):
    empty_hint = "Nothing was delivered yet. Sources deliver records by API."

    list_display = ("__str__", "source", "number_of_fields", "account", "display_ts")
    list_filter = (("source", ReachedFilter), ("display_ts", DaysFilter))
    list_select_related = ("account", "source")
    search_fields = ("external_id__exact",)
    search_help_text = "Search external ids (whole)"
    ordering = ("-display_ts", "-id")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        who = ("customer",) if self.sees_customers(request, obj) else ()
        return ("source", "external_id", *who, "display_ts", "fields_told", "created_at")

    @column("Fields")
    def number_of_fields(self, record: SourceRecord) -> int:
        return len(record.fields)

    @column("Fields")
    def fields_told(self, record: SourceRecord) -> str:
        return as_json(record.fields)
