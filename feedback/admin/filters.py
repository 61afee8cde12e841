"""Filters of the inbox."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.forms import DropdownForm

from accounts.admin.reach import narrowed, reach_of
from accounts.domain.queries import colleagues
from feedback.domain.queries import inbox, inbox_rows, labels
from feedback.models import Band, Label

NONE = "none"
# How the list may be sorted: parameter, title, order. Each ends with the primary key and has an index.
SORTS = (
    ("newest", "Newest first", ("-created_at", "-id")),
    ("oldest", "Oldest first", ("created_at", "id")),
    ("changed", "Last changed first", ("-updated_at", "-id")),
    ("due", "Most pressing first", ("sla_due_at", "id")),
)
ORDERS = {key: order for key, _, order in SORTS}


def labels_within(request: HttpRequest) -> list[Label]:
    """The labels of the reader's accounts, read once a request."""
    found: list[Label] | None = getattr(request, "_labels", None)
    if found is None:
        reach = reach_of(request)
        found = labels.within(accounts=None if reach.everything else list(reach.roles))
        request._labels = found  # type: ignore[attr-defined]
    return found


class Kept(admin.SimpleListFilter):
    """Not a filter: a parameter of the page that the search and the filter panel only carry on."""

    template = "console/param_kept.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("", "")]

    def has_output(self) -> bool:
        return True

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset

    def told(self) -> str:
        """What it narrows the list to, in words."""
        return ""

    def values(self) -> list[str]:
        return self.request.GET.getlist(self.parameter_name or "")


class TabFilter(Kept):
    """The tabs above the list; drawn by the page itself."""

    title = "tab"
    parameter_name = "tab"

    def tab(self) -> inbox.Tab:
        if self.request.GET.get("status__exact"):
            # The filter names a status: a tab that holds others would make it find nothing.
            return inbox.BY_KEY["all"]
        return inbox.BY_KEY.get(self.value() or "", inbox.TABS[0])

    def told(self) -> str:
        tab = self.tab()
        return tab.title if tab.key != "all" else ""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return inbox.under(tab=self.tab(), items=queryset, reader=request.user)  # type: ignore[arg-type]


class SortFilter(Kept):
    title = "order"
    parameter_name = "sort"

    def chosen(self) -> str:
        chosen = self.value() or ""
        usual = "due" if self.request.GET.get(ClockFilter.parameter_name) else "newest"
        return chosen if chosen in ORDERS else usual


class ColumnsFilter(Kept):
    title = "columns"
    parameter_name = "cols"

    def chosen(self) -> list[str]:
        """What is chosen and known; nothing chosen is everything."""
        return [name for name in self.values() if name in inbox_rows.ALL_COLUMNS] or list(inbox_rows.ALL_COLUMNS)


class ViewFilter(Kept):
    title = "view"
    parameter_name = "view"


class MenuFilter(admin.SimpleListFilter):
    """A menu in the filter panel; what is not in it finds nothing."""

    template = "unfold/filters/filters_field.html"

    def menu(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        raise NotImplementedError

    def narrow(self, request: HttpRequest, rows: QuerySet[Any], wanted: str) -> QuerySet[Any]:
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return self.menu(request, model_admin)

    def has_output(self) -> bool:
        return bool(self.lookup_choices) or bool(self.value())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = self.value()
        return self.narrow(request, queryset, wanted) if wanted else queryset

    def choices(self, changelist: Any) -> Iterator[Any]:
        form = DropdownForm(
            label=f"By {self.title}",
            name=self.parameter_name,
            choices=[("", "All"), *self.lookup_choices],
            data={self.parameter_name: self.value()},
        )
        yield {"form": form}


class ClockFilter(MenuFilter):
    """Items whose clock is running or has run out; without another order the most pressing come first."""

    title = "service target"
    parameter_name = "clock"

    def menu(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("overdue", "Overdue"), ("running", "Clock running")]

    def narrow(self, request: HttpRequest, rows: QuerySet[Any], wanted: str) -> QuerySet[Any]:
        return inbox.pressing(items=rows, overdue=wanted == "overdue")


class AssigneeFilter(MenuFilter):
    """Whose item: mine, nobody's, or that of one of the people the reader works with."""

    title = "assignee"
    parameter_name = "assignee"

    def menu(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        reach = reach_of(request)
        people = colleagues.of_accounts(ids=None if reach.everything else list(reach.roles), limit=200)
        return [(NONE, "Nobody"), *((user.public_id, str(user)) for user in people)]

    def narrow(self, request: HttpRequest, rows: QuerySet[Any], wanted: str) -> QuerySet[Any]:
        return rows.filter(assignee=None) if wanted == NONE else rows.filter(assignee__public_id=wanted)


class LabelFilter(MenuFilter):
    title = "label"
    parameter_name = "label"

    def menu(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        several = reach_of(request).several
        found = [
            (str(each.pk), f"{each} ({each.account})" if several else str(each)) for each in labels_within(request)
        ]
        return [(NONE, "None"), *found] if found else []

    def narrow(self, request: HttpRequest, rows: QuerySet[Any], wanted: str) -> QuerySet[Any]:
        if wanted == NONE:
            return inbox_rows.with_label(items=rows, label=None)
        known = {str(each.pk): each.pk for each in labels_within(request)}
        return inbox_rows.with_label(items=rows, label=known[wanted]) if wanted in known else rows.none()


class AreaFilter(MenuFilter):
    """The areas of the latest items, and the one that is chosen."""

    title = "area"
    parameter_name = "area"

    def menu(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = narrowed(request, model_admin.get_queryset(request), "account")
        found = inbox_rows.recent_areas(items=rows)
        chosen = request.GET.get(self.parameter_name, "")
        return [(area, area) for area in ([chosen] if chosen and chosen not in found else []) + found]

    def narrow(self, request: HttpRequest, rows: QuerySet[Any], wanted: str) -> QuerySet[Any]:
        return rows.filter(area=wanted)


class BandFilter(MenuFilter):
    """The worst score behind the item."""

    title = "score"
    parameter_name = "score"

    def menu(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(band.name.lower(), band.label) for band in Band] + [(NONE, "No score")]

    def narrow(self, request: HttpRequest, rows: QuerySet[Any], wanted: str) -> QuerySet[Any]:
        if wanted == NONE:
            return rows.filter(score_band=None)
        return rows.filter(score_band=Band[wanted.upper()]) if wanted.upper() in Band.names else rows.none()


class MoodFilter(MenuFilter):
    """Sentiment: by the score where there is one, else by the type."""

    title = "sentiment (score, else type)"
    parameter_name = "mood"

    def menu(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("good", "Good"), ("neutral", "Neither"), ("bad", "Bad")]

    def narrow(self, request: HttpRequest, rows: QuerySet[Any], wanted: str) -> QuerySet[Any]:
        return (
            inbox_rows.of_mood(items=rows, band=Band[wanted.upper()]) if wanted.upper() in Band.names else rows.none()
        )
