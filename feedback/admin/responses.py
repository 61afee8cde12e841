"""Answers given on landing and kiosk pages; read, never edited."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from accounts.admin.columns import column
from accounts.admin.exports import ExportingAdmin
from accounts.admin.filters import DaysFilter, ReachedFilter
from feedback.domain import promotion
from feedback.domain.queries import telling
from feedback.models import Response

MOODS = {"good": "Happy", "neutral": "Neutral", "bad": "Unhappy"}


@admin.register(Response)
class ResponseAdmin(ExportingAdmin):
    empty_hint = "No answer yet. Send a feedback request and answer it on its page."

    list_display = ("score_told", "mood", "words", "location", "account", "created_at")
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("location", ReachedFilter),
        ("created_at", DaysFilter),
    )
    list_select_related = ("account", "location", "score", "comment")
    search_fields = ("comment__value_text", "public_id")
    search_help_text = "Search words and ids"
    ordering = ("-created_at", "-id")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        who = ("customer",) if self.sees_customers(request, obj) else ()
        return ("score_told", "mood", "words", "location", *who, "platform_name", "public_id", "created_at")

    @column("Score")
    def score_told(self, response: Response) -> str:
        return telling.score(response.score)

    @column("Mood", label={"Happy": "success", "Neutral": "info", "Unhappy": "danger"})
    def mood(self, response: Response) -> str:
        return MOODS[promotion.mood(response)]

    @column("Words", empty="")
    def words(self, response: Response) -> str | None:
        return response.comment.value_text if response.comment else None
