"""Feedback requests: asked, sent, opened, answered."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from unfold.widgets import UnfoldAdminSplitDateTimeWidget

from accounts.admin.base import ConsoleAdmin
from accounts.admin.columns import column
from accounts.admin.filters import DaysFilter, ReachedFilter
from accounts.admin.forms import ConsoleForm
from accounts.domain.roles import May
from campaigns.domain import links, requests
from campaigns.domain.queries import decisions
from campaigns.models import FeedbackRequest
from feedback.domain.queries import telling


class RequestForm(ConsoleForm):
    due_at = forms.SplitDateTimeField(
        required=False, label="When", widget=UnfoldAdminSplitDateTimeWidget, help_text="Blank: now. UTC."
    )
    suppressed = forms.BooleanField(required=False, label="Make the link only, send nothing")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "location" in self.fields:
            self.fields["location"].required = False
            self.fields["location"].help_text = "Blank: the customer's, where they have one only."

    def _get_validation_exclusions(self) -> set[str]:
        exclude: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        # The domain says "now" and, where the customer has one location only, which.
        return exclude | {"due_at", "location"}


@admin.register(FeedbackRequest)
class FeedbackRequestAdmin(ConsoleAdmin):
    """Made here or by API; never changed: what was asked was asked."""

    may_view = may_add = May.SEND_REQUESTS
    empty_hint = "Nobody was asked yet. Add a request: choose a customer and a template."

    form = RequestForm
    list_display = ("customer", "channel", "told_state", "answer", "location", "account", "due_at")
    list_filter = (("template", ReachedFilter), ("location", ReachedFilter), ("due_at", DaysFilter))
    list_select_related = ("account", "customer", "template", "location", "message", "response", "response__score")
    search_fields = ("customer__email", "customer__fname", "customer__sname", "public_id")
    search_help_text = "Search people and ids"
    ordering = ("-created_at", "-id")
    autocomplete_fields = ("customer", "template", "location")
    change_form_outer_before_template = "console/request_before.html"
    change_form_outer_after_template = "console/message_after.html"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("account", "customer", "template", "location", "due_at", "suppressed")
        asked = ("customer", "template", "location", "told_state", "answer", "due_at", "suppressed", "public_id")
        return (*asked, "opened_at", "clicked_at", "bounced_at", "bounce_reason", "complained_at", "created_at")

    @column("By", order="template__channel")
    def channel(self, request: FeedbackRequest) -> str:
        return request.template.get_channel_display()

    @column("State")
    def told_state(self, request: FeedbackRequest) -> str:
        if request.response_id:
            return "Answered"
        if request.suppressed:
            return "Link only"
        message = getattr(request, "message", None)
        return message.get_state_display() if message else "No message"

    @column("Answer", empty="")
    def answer(self, request: FeedbackRequest) -> str | None:
        return telling.score(request.response.score) if request.response else None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        asked = self.get_object(request, object_id)
        more = dict(extra_context or {})
        if asked is not None:
            more |= {"landing_url": links.full_url(asked), "message_row": getattr(asked, "message", None)}
            more["decisions"] = decisions.of_request(request=asked)
        response: HttpResponse = super().change_view(request, object_id, form_url, more)
        return response

    def create_row(self, request: HttpRequest, data: dict[str, Any]) -> FeedbackRequest:
        return requests.create(
            account=data["account"],
            customer=data["customer"],
            template=data["template"],
            location=data["location"],
            due=data["due_at"],
            suppress_message=data["suppressed"],
            actor=self.actor(request),
        )
