"""Typed answers as they came, from every contract; read, never edited."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from accounts.admin.columns import as_json, column, short
from accounts.admin.exports import ExportingAdmin
from accounts.admin.filters import DaysFilter, ReachedFilter
from feedback.domain.queries import telling
from feedback.models import FeedbackRecord


@admin.register(FeedbackRecord)
class FeedbackRecordAdmin(ExportingAdmin):
    empty_hint = "No record yet. Records come by API and with every answer."

    list_display = ("told", "field_type", "field_label", "source_type", "contract", "account", "collected_at")
    list_filter = (
        ("contract", ChoicesDropdownFilter),
        ("field_type", ChoicesDropdownFilter),
        ("location", ReachedFilter),
        ("collected_at", DaysFilter),
    )
    list_select_related = ("account",)
    # An id, whole: words in millions of records are the search page's job.
    search_fields = ("submission_id__exact", "user_id__exact")
    search_help_text = "Search submission and user ids (whole)"
    ordering = ("-collected_at", "id")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        who = ("customer", "user_id") if self.sees_customers(request, obj) else ()
        source = ("contract", "source_type", "source_id", "source_name", "tenant_id", "submission_id")
        field = ("field_id", "field_type", "field_label", "field_group_label", "language")
        return ("told", *field, *who, "location", *source, "metadata_told", "raw_told", "collected_at", "created_at")

    @column("Value")
    def told(self, record: FeedbackRecord) -> str:
        return short(telling.value(record), 120)

    @column("Metadata")
    def metadata_told(self, record: FeedbackRecord) -> str:
        return as_json(record.metadata) if record.metadata else "nothing"

    @column("As sent")
    def raw_told(self, record: FeedbackRecord) -> str:
        return as_json(record.raw) if record.raw else "nothing"
