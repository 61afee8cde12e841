"""The inbox: items as a list with tabs, a page per item, and moves of many at once."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from accounts.admin.exports import ExportingAdmin
from accounts.admin.filters import DaysFilter, ReachedFilter
from accounts.admin.reach import narrowed, one_account, reach_of
from accounts.domain.roles import May
from accounts.models import User
from feedback.admin import bulk, duplicates, item_page, item_presence, macros, undoing, views
from feedback.admin.filters import (
    AreaFilter,
    AssigneeFilter,
    BandFilter,
    ClockFilter,
    ColumnsFilter,
    LabelFilter,
    MoodFilter,
    SortFilter,
    TabFilter,
    ViewFilter,
    labels_within,
)
from feedback.admin.inbox_list import InboxChangeList
from feedback.domain import items, undo
from feedback.domain.items import ItemDraft
from feedback.domain.queries import inbox, inbox_search
from feedback.domain.queries import views as view_queries
from feedback.models import FeedbackItem

Status = FeedbackItem.Status


@admin.register(FeedbackItem)
class FeedbackItemAdmin(ExportingAdmin):
    may_view = May.SEE_FEEDBACK
    may_add = May.TRIAGE
    may_change = May.TRIAGE
    may_delete = May.DELETE_FEEDBACK
    empty_hint: ClassVar[str] = "Nothing here. Items come from unhappy answers, in-app feedback and the API."

    list_display = ("message",)
    list_filter = (
        TabFilter,
        ("type", ChoicesDropdownFilter),
        ("status", ChoicesDropdownFilter),
        ("channel", ChoicesDropdownFilter),
        ("location", ReachedFilter),
        AreaFilter,
        AssigneeFilter,
        LabelFilter,
        BandFilter,
        MoodFilter,
        ClockFilter,
        ("created_at", DaysFilter),
        SortFilter,
        ColumnsFilter,
        ViewFilter,
    )
    list_select_related = ("account", "customer", "location", "assignee")
    list_disable_select_all = True
    # Only that there is a search: what it looks at is get_search_results' business.
    search_fields = ("message",)
    search_help_text = "Search words, people and ids"
    ordering = ("-created_at", "-id")
    autocomplete_fields = ("customer", "location")
    # The form for what somebody said on the phone or at the counter; an item has a page of its own.
    fields = ("account", "type", "message", "area", "customer", "allow_contact", "location")
    actions = bulk.ACTIONS

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return InboxChangeList

    def get_urls(self) -> list[URLPattern]:
        own: list[URLPattern] = [
            path("views/save/", self.admin_site.admin_view(self._save_view), name="feedback_feedbackitem_save_view"),
            path("views/first/", self.admin_site.admin_view(self._open_with), name="feedback_feedbackitem_open_with"),
            path("undo/", self.admin_site.admin_view(self._undo), name="feedback_feedbackitem_undo"),
            path("duplicates/", self.admin_site.admin_view(self._duplicates), name="feedback_feedbackitem_duplicates"),
            path(
                "<uuid:object_id>/alike/",
                self.admin_site.admin_view(self._alike),
                name="feedback_feedbackitem_alike",
            ),
            path(
                "<uuid:object_id>/do/<slug:verb>/",
                self.admin_site.admin_view(self._do),
                name="feedback_feedbackitem_do",
            ),
            path(
                "<uuid:object_id>/duplicate/",
                self.admin_site.admin_view(self._duplicate),
                name="feedback_feedbackitem_duplicate",
            ),
            path(
                "<uuid:object_id>/macro/<int:macro_id>/",
                self.admin_site.admin_view(self._macro),
                name="feedback_feedbackitem_macro",
            ),
            path(
                "<uuid:object_id>/presence/",
                self.admin_site.admin_view(self._presence),
                name="feedback_feedbackitem_presence",
            ),
        ]
        return [*own, *super().get_urls()]

    def _do(self, request: HttpRequest, object_id: Any, verb: str) -> HttpResponse:
        return item_page.do(self, request, str(object_id), verb)

    def _save_view(self, request: HttpRequest) -> HttpResponse:
        return views.save(self, request)

    def _open_with(self, request: HttpRequest) -> HttpResponse:
        return views.open_with(self, request)

    def _undo(self, request: HttpRequest) -> HttpResponse:
        return undoing.take_back(self, request)

    def _duplicates(self, request: HttpRequest) -> HttpResponse:
        return duplicates.pairs(self, request)

    def _alike(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return duplicates.alike(self, request, str(object_id))

    def _duplicate(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return item_page.choose_original(self, request, str(object_id))

    def _macro(self, request: HttpRequest, object_id: Any, macro_id: int) -> HttpResponse:
        return macros.preview(self, request, str(object_id), str(macro_id))

    def _presence(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return item_presence.beat(self, request, str(object_id))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return item_page.show(self, request, object_id)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        reach = reach_of(request)
        people_of = None if reach.everything else reach.accounts(May.SEE_CUSTOMERS)
        return inbox_search.search(items=queryset, text=search_term, people_of=people_of), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        # Asked nothing at all, as by the menu: every tab's and filter's address says something.
        first = (
            view_queries.opens_with(user=request.user) if not request.GET and isinstance(request.user, User) else None
        )
        if first is not None and request.method == "GET":
            return HttpResponseRedirect(f"{request.path}?{view_queries.address(view=first)}")
        reach = reach_of(request)
        more = {
            "one_account": one_account(request),
            "title": "Inbox",
            "several_accounts": reach.several,
            "all_accounts": reach.everything,
            # Where the reader may see who the customers are.
            "open_accounts": reach.accounts(May.SEE_CUSTOMERS),
            "statuses": Status.choices,
            "all_labels": labels_within(request),
            "undoable": undo.latest(user=request.user) if isinstance(request.user, User) else None,
            **(extra_context or {}),
        }
        response: HttpResponse = super().changelist_view(request, more)
        return response

    def create_row(self, request: HttpRequest, data: dict[str, Any]) -> FeedbackItem:
        draft = ItemDraft(
            channel=FeedbackItem.Channel.CONSOLE,
            submitted_by=request.user if isinstance(request.user, User) else None,
            **{name: data[name] for name in self.fields if name != "account"},
        )
        return items.create(account=data["account"], draft=draft, actor=self.actor(request))

    def menu_badge(self, request: HttpRequest) -> dict[str, str]:
        """How many new items wait, for the menu."""
        rows = narrowed(request, self.get_queryset(request), "account")
        number = inbox.count(tab=inbox.BY_KEY["new"], items=rows, reader=request.user)  # type: ignore[arg-type]
        return {"badge": inbox.told(number), "badge_variant": "primary"}
