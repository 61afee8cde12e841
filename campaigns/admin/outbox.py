"""Mails and SMS that the hub kept instead of sending: what a newcomer sees first."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path

from accounts.admin.base import ConsoleAdmin
from accounts.admin.columns import column, short
from accounts.admin.filters import DaysFilter
from accounts.domain.roles import May
from campaigns.admin.mail_frame import mail_frame
from campaigns.models import OutboxEntry


@admin.register(OutboxEntry)
class OutboxEntryAdmin(ConsoleAdmin):
    """The hub's own mails, such as password resets, belong to no account: superusers only."""

    may_view = May.SEND_REQUESTS
    empty_hint = (
        "Nothing was kept. Mails and SMS land here while no outside provider is set up "
        "(EMAIL_PROVIDER_URL, SMS_PROVIDER_URL)."
    )

    list_display = ("line", "channel", "address", "account", "created_at")
    list_filter = ("channel", ("created_at", DaysFilter))
    list_select_related = ("account",)
    search_fields = ("address", "subject")
    search_help_text = "Search addresses and subjects"
    ordering = ("-created_at", "-id")
    change_form_template = "console/outbox_entry.html"
    fields = ("channel", "address", "subject", "created_at")

    @column("Message")
    def line(self, entry: OutboxEntry) -> str:
        return entry.subject or short(entry.text_body, 90)

    def get_urls(self) -> list[URLPattern]:
        own: list[URLPattern] = [
            path("<int:pk>/mail/", self.admin_site.admin_view(self.mail), name="campaigns_outboxentry_mail")
        ]
        return [*own, *super().get_urls()]

    def mail(self, request: HttpRequest, pk: int) -> HttpResponse:
        entry: Any = self.get_object(request, str(pk))
        if entry is None or not entry.html_body:
            raise Http404
        return mail_frame(entry.html_body)
