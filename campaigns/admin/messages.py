"""The ledger: every message and every attempt to send it; read, never edited."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from accounts.admin.base import ConsoleAdmin
from accounts.admin.columns import as_written, column
from accounts.admin.filters import DaysFilter
from accounts.admin.reach import narrowed
from accounts.domain.roles import May
from campaigns.domain.queries import decisions, ledger
from campaigns.models import Message, SendAttempt

State = Message.State
# How a state's label is coloured; what nobody knows stands out.
STATE_COLOURS = {
    State.SCHEDULED.label: "info",
    State.LEASED.label: "info",
    State.ACCEPTED.label: "success",
    State.DELIVERED.label: "success",
    State.HELD.label: "warning",
    State.RECON.label: "warning",
    State.UNKNOWN_FINAL.label: "warning",
    State.SUPPRESSED.label: "warning",
    State.BOUNCED.label: "danger",
    State.FAILED.label: "danger",
}


class AttemptInline(TabularInline):
    """What was tried, in order; an unknown outcome is shown as that."""

    model = SendAttempt
    extra = 0
    can_delete = False
    ordering = ("seq",)
    fields = ("seq", "told_outcome", "provider", "status_code", "error", "provider_ref", "started_at", "finished_at")
    readonly_fields = fields

    @column("Outcome", label={"Accepted": "success", "Rejected": "danger", "Unknown": "warning"})
    def told_outcome(self, attempt: SendAttempt) -> str:
        return attempt.get_outcome_display()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Message)
class MessageAdmin(ConsoleAdmin):
    may_view = May.SEND_REQUESTS
    empty_hint = "Nothing was sent yet. Create a feedback request."

    list_display = ("address", "told_state", "channel", "customer", "due_at", "reason", "account")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("channel", ChoicesDropdownFilter),
        ("due_at", DaysFilter),
    )
    list_select_related = ("account", "customer")
    search_fields = ("address",)
    search_help_text = "Search addresses"
    ordering = ("-created_at", "-id")
    inlines = (AttemptInline,)
    fieldsets = (
        (None, {"fields": (("told_state", "reason"), ("channel", "address"), "customer", "feedback_request", "reply")}),
        ("When", {"fields": (("due_at", "not_after"), ("next_try_at", "lease_until"))}),
        ("Words", {"fields": ("from_name", "reply_to", "subject", "words", "sms_segments")}),
    )

    change_form_outer_after_template = "console/message_after.html"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        message = self.get_object(request, object_id)
        more = dict(extra_context or {})
        if message is not None:
            more["decisions"] = decisions.of_message(message=message)
        response: HttpResponse = super().change_view(request, object_id, form_url, more)
        return response

    @column("State", order="state", label=STATE_COLOURS)
    def told_state(self, message: Message) -> str:
        return message.get_state_display()

    @column("Text")
    def words(self, message: Message) -> str:
        return as_written(message.text_body)

    def menu_badge(self, request: HttpRequest) -> dict[str, str]:
        """How many messages' fate is unknown: somebody should look."""
        rows = narrowed(request, self.get_queryset(request), "account")
        number = ledger.count_unknown(messages=rows)
        return {"badge": str(number), "badge_variant": "warning"} if number else {}
