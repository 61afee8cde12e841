"""Filters of the inbox."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.forms import DropdownForm

from accounts.admin.reach import reach_of
from accounts.domain.queries import colleagues
from feedback.domain.queries import inbox


class TabFilter(admin.SimpleListFilter):
    """The tabs above the list; drawn by the page itself, so the filter panel only carries the chosen one on."""

    title = "tab"
    parameter_name = "tab"
    template = "console/tab_kept.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(tab.key, tab.title) for tab in inbox.TABS]

    def tab(self) -> inbox.Tab:
        if self.request.GET.get("status__exact"):
            # The filter names a status: a tab that holds others would make it find nothing.
            return inbox.BY_KEY["all"]
        return inbox.BY_KEY.get(self.value() or "", inbox.TABS[0])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return inbox.under(tab=self.tab(), items=queryset, reader=request.user)  # type: ignore[arg-type]


class ClockFilter(admin.SimpleListFilter):
    """Items whose clock is running or has run out, the most pressing first."""

    title = "service target"
    parameter_name = "clock"
    template = "unfold/filters/filters_field.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("overdue", "Overdue"), ("running", "Clock running")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return inbox.pressing(items=queryset, overdue=self.value() == "overdue") if self.value() else queryset

    def choices(self, changelist: Any) -> Iterator[Any]:
        form = DropdownForm(
            label="By service target",
            name=self.parameter_name,
            choices=[("", "All"), *self.lookup_choices],
            data={self.parameter_name: self.value()},
        )
        yield {"form": form}


class AssigneeFilter(admin.SimpleListFilter):
    """Whose item: mine, nobody's, or that of one of the people the reader works with."""

    title = "assignee"
    parameter_name = "assignee"
    template = "unfold/filters/filters_field.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        reach = reach_of(request)
        people = colleagues.of_accounts(ids=None if reach.everything else list(reach.roles), limit=200)
        return [("none", "Nobody"), *((user.public_id, str(user)) for user in people)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = self.value()
        if not wanted:
            return queryset
        return queryset.filter(assignee=None) if wanted == "none" else queryset.filter(assignee__public_id=wanted)

    def choices(self, changelist: Any) -> Iterator[Any]:
        form = DropdownForm(
            label="By assignee",
            name=self.parameter_name,
            choices=[("", "All"), *self.lookup_choices],
            data={self.parameter_name: self.value()},
        )
        yield {"form": form}
