"""The inbox: items as a list with tabs, a page per item, and moves of many at once."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from accounts.admin.base import ConsoleChangeList
from accounts.admin.exports import ExportingAdmin
from accounts.admin.filters import DaysFilter, ReachedFilter
from accounts.admin.reach import narrowed, reach_of
from accounts.domain.roles import May
from accounts.models import User
from feedback.admin import bulk, duplicates, item_page, item_presence, macros, undoing
from feedback.admin.filters import AssigneeFilter, ClockFilter, TabFilter
from feedback.domain import items, undo
from feedback.domain.items import ItemDraft
from feedback.domain.queries import groups, inbox, labels
from feedback.models import FeedbackItem

Status = FeedbackItem.Status


class InboxChangeList(ConsoleChangeList):
    """Knows its tab, and how many items wait in every tab."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.reader: Any = request.user
        super().__init__(request, *args, **kwargs)

    def get_filters(self, request: HttpRequest) -> Any:
        specs, has_filters, rest, may_repeat, _active = super().get_filters(request)
        # A tab is a place, not a filter that wants clearing.
        shown = [spec for spec in specs if not isinstance(spec, TabFilter)]
        active = any(name in self.filter_params for spec in shown for name in spec.expected_parameters())
        return specs, has_filters, rest, may_repeat, active

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        ids = [item.pk for item in self.result_list]
        on, said = labels.of_items(ids=ids), groups.said_of(ids=ids)
        for item in self.result_list:
            item.labels = on.get(item.pk, [])
            item.times, item.people = said.get(item.pk, (1, 1))

    def tab(self) -> inbox.Tab:
        found: inbox.Tab = next(spec.tab() for spec in self.filter_specs if isinstance(spec, TabFilter))
        return found

    def tabs(self) -> list[dict[str, Any]]:
        current = self.tab()
        counts = inbox.counts(items=self.root_queryset, reader=self.reader)
        return [
            {
                "title": tab.title,
                "key": tab.key,
                "url": self.get_query_string({"tab": tab.key}, remove=["p"]),
                "current": tab == current,
                "count": inbox.told(counts.get(tab.key, 0)),
            }
            for tab in inbox.TABS
        ]


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
        AssigneeFilter,
        ClockFilter,
        ("created_at", DaysFilter),
    )
    list_select_related = ("account", "customer", "location", "assignee")
    list_disable_select_all = True
    search_fields = (
        "message",
        "customer__email",
        "customer__fname",
        "customer__sname",
        "user_email_snapshot",
        "user_name_snapshot",
    )
    search_help_text = "Search words and people"
    ordering = ("-created_at", "-id")
    autocomplete_fields = ("customer", "location")
    # The form for what somebody said on the phone or at the counter; an item has a page of its own.
    fields = ("account", "type", "message", "area", "customer", "allow_contact", "location")
    actions = bulk.ACTIONS

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return InboxChangeList

    def get_urls(self) -> list[URLPattern]:
        own: list[URLPattern] = [
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

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        reach = reach_of(request)
        more = {
            "title": "Inbox",
            "several_accounts": reach.several,
            "all_accounts": reach.everything,
            # Where the reader may see who the customers are.
            "open_accounts": reach.accounts(May.SEE_CUSTOMERS),
            "statuses": Status.choices,
            "all_labels": labels.within(accounts=None if reach.everything else list(reach.roles)),
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
