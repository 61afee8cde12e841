"""Reviews left elsewhere, in public; read here."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin.columns import column, short
from accounts.admin.exports import ExportingAdmin
from accounts.admin.filters import DaysFilter, ReachedFilter
from feedback.domain.queries import telling
from reviews.models import Review


@admin.register(Review)
class ReviewAdmin(ExportingAdmin):
    empty_hint = "No review yet. They come by API and import."

    list_display = ("rating", "headline", "reviewer_name", "location", "platform", "account", "reviewed_at")
    list_filter = (("platform", ReachedFilter), ("location", ReachedFilter), ("reviewed_at", DaysFilter))
    list_select_related = ("account", "location", "platform", "record")
    search_fields = ("title", "description", "reviewer_name")
    search_help_text = "Search words and names"
    ordering = ("-reviewed_at", "-id")
    fields = (
        "rating",
        "title",
        "description",
        "reviewer_name",
        "location",
        "platform",
        "url",
        "external_id",
        "public_id",
        "reviewed_at",
        "created_at",
    )

    @column("Rating", empty="none")
    def rating(self, review: Review) -> str | None:
        return telling.score(review.record) if review.record else None

    @column("Review")
    def headline(self, review: Review) -> str:
        return short(review.title or review.description or "", 100)
