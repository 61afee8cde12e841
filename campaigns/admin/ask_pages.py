"""Kiosks and QR codes of locations."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from accounts.admin.base import ConsoleAdmin
from accounts.admin.columns import column
from accounts.admin.filters import ReachedFilter
from accounts.domain.roles import May
from campaigns.domain import ask_pages
from campaigns.models import AskPage


@admin.register(AskPage)
class AskPageAdmin(ConsoleAdmin):
    may_view = May.SEND_REQUESTS
    may_add = may_change = May.EDIT_LOCATIONS
    empty_hint = "No kiosk yet. Add one for a location: it has a page for a tablet, and a QR code to print."

    hints: ClassVar[dict[str, str]] = {"active": "Switched off, the page says that no answers are being collected."}
    list_display = ("location", "question", "active", "account", "created_at")
    list_filter = (("account", ReachedFilter),)
    list_select_related = ("account", "location")
    search_fields = ("location__name", "public_id")
    search_help_text = "Search locations"
    ordering = ("location__name", "id")
    autocomplete_fields = ("location",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("account", "location", "question")
        return ("account", "location", "question", "active", "kiosk_link", "permanent_link", "qr_code")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = super().get_readonly_fields(request, obj)
        return [*fixed, "location", "kiosk_link", "permanent_link", "qr_code"] if obj is not None else fixed

    @column("For a tablet")
    def kiosk_link(self, page: AskPage) -> str:
        return format_html('<a href="{0}" target="_blank" rel="noopener">{0}</a>', ask_pages.link(page, kiosk=True))

    @column("Permanent link")
    def permanent_link(self, page: AskPage) -> str:
        return format_html('<a href="{0}" target="_blank" rel="noopener">{0}</a>', ask_pages.link(page))

    @column("QR code")
    def qr_code(self, page: AskPage) -> str:
        url = reverse("admin:campaigns_askpage_qr", args=[page.pk])
        return format_html(
            '<a href="{0}"><img src="{0}" width="180" height="180" alt="QR code of the permanent link"></a>', url
        )

    def get_urls(self) -> list[URLPattern]:
        own: list[URLPattern] = [
            path("<int:pk>/qr.svg", self.admin_site.admin_view(self.qr), name="campaigns_askpage_qr")
        ]
        return [*own, *super().get_urls()]

    def qr(self, request: HttpRequest, pk: int) -> HttpResponse:
        """For the printer: sharp at any size."""
        page: AskPage | None = self.get_object(request, str(pk))
        if page is None:
            raise Http404
        response = HttpResponse(ask_pages.qr_svg(page), content_type="image/svg+xml")
        response["Content-Disposition"] = f'inline; filename="qr-{page.public_id}.svg"'
        return response

    def create_row(self, request: HttpRequest, data: dict[str, Any]) -> AskPage:
        return ask_pages.create(**data, actor=self.actor(request))

    def update_row(self, request: HttpRequest, obj: Any, changed: dict[str, Any]) -> bool:
        ask_pages.update(page=obj, changes=changed, actor=self.actor(request))
        return True
