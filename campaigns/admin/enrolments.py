"""The people in campaigns: where each is, and why a step did or did not become a message."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from accounts.admin.base import ConsoleAdmin
from accounts.admin.columns import column
from accounts.admin.filters import DaysFilter, ReachedFilter
from accounts.domain.roles import May
from campaigns.domain.queries import decisions
from campaigns.models import Enrolment

State = Enrolment.State
STATE_COLOURS = {State.ACTIVE.label: "info", State.REACHED.label: "success", State.LEFT.label: "warning"}


@admin.register(Enrolment)
class EnrolmentAdmin(ConsoleAdmin):
    may_view = May.SEND_REQUESTS
    empty_hint = "Nobody is in a campaign yet. Launch one: people enter as they are added, or its audience does."

    list_display = ("customer", "campaign", "told_state", "why_ended", "next_step", "next_at", "location", "account")
    list_filter = (
        ("campaign", ReachedFilter),
        ("state", ChoicesDropdownFilter),
        ("location", ReachedFilter),
        ("entered_at", DaysFilter),
    )
    list_select_related = ("account", "campaign", "customer", "location", "next_step")
    search_fields = ("customer__email", "customer__fname", "customer__sname")
    search_help_text = "Search people"
    ordering = ("-entered_at", "-id")
    fields = (
        ("customer", "campaign", "location"),
        ("told_state", "why_ended"),
        ("entered_at", "entered_by", "entry"),
        ("next_step", "next_at"),
    )
    change_form_outer_after_template = "console/enrolment_after.html"

    @column("State", order="state", label=STATE_COLOURS)
    def told_state(self, enrolment: Enrolment) -> str:
        return enrolment.get_state_display()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        enrolment = self.get_object(request, object_id)
        more = dict(extra_context or {})
        if enrolment is not None:
            more["steps"] = decisions.of_enrolment(enrolment=enrolment)
        response: HttpResponse = super().change_view(request, object_id, form_url, more)
        return response
