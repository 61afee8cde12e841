"""What was merged, by whom, and the way back."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin.base import ConsoleAdmin
from accounts.admin.columns import column
from accounts.admin.filters import DaysFilter
from accounts.domain.roles import May
from crm.domain.merging import undo
from crm.models import MergeRecord
from feedbackhub.errors import HubError
from feedbackhub.templatetags.console import console_url


@admin.register(MergeRecord)
class MergeRecordAdmin(ConsoleAdmin):
    may_view = May.SEE_CUSTOMERS
    empty_hint = "Nobody was merged yet. Open a customer and choose “Merge with another customer”."

    list_display = ("gone", "stayed", "state", "by", "account", "merged_at")
    list_filter = (("merged_at", DaysFilter),)
    list_select_related = ("account", "winner", "loser")
    search_fields = ("winner__email", "loser__email", "winner__sname", "loser__sname", "loser__public_id")
    search_help_text = "Search addresses, last names and the old id"
    ordering = ("-merged_at", "-id")
    change_form_outer_before_template = "console/merge_undo.html"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("gone", "stayed", "old_id", "account", "by", "merged_at", "undone_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj)

    @column("Merged", order="loser__sname")
    def gone(self, record: MergeRecord) -> str:
        return f"{record.loser} ({record.loser.email or record.loser.mobile_number})"

    @column("Into", order="winner__sname")
    def stayed(self, record: MergeRecord) -> SafeString:
        return format_html('<a href="{}">{}</a>', console_url(record.winner), record.winner)

    @column("By")
    def by(self, record: MergeRecord) -> str:
        return record.merged_by_name

    @column("State", label={"Stands": "success", "Undone": "warning"})
    def state(self, record: MergeRecord) -> str:
        return "Undone" if record.undone_at else "Stands"

    @column("Old id")
    def old_id(self, record: MergeRecord) -> str:
        return record.loser.public_id

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.undo)
        return [path("<int:pk>/undo/", view, name="crm_mergerecord_undo"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        record: MergeRecord | None = self.get_object(request, object_id)
        more = dict(extra_context or {})
        if record is not None:
            may = self._may(request, May.EDIT_CUSTOMERS, record)
            more["may_undo"] = may and undo.is_open(record)
            more["until"] = record.merged_at + undo.UNDOABLE_FOR
        response: HttpResponse = super().change_view(request, object_id, form_url, more)
        return response

    def undo(self, request: HttpRequest, pk: int) -> HttpResponse:
        record: MergeRecord | None = self.get_object(request, str(pk))
        if request.method != "POST" or record is None:
            raise Http404
        if not self._may(request, May.EDIT_CUSTOMERS, record):
            raise PermissionDenied
        try:
            undo.undo(record=record, actor=self.actor(request))
            self.message_user(request, "They are two customers again.", messages.SUCCESS)
        except HubError as error:
            self.message_user(request, error.message, messages.ERROR)
        return HttpResponseRedirect(reverse("admin:crm_mergerecord_change", args=[pk]))
