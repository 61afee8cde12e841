"""The inbox's list: its tabs, columns and order, and what its rows say."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.base import ConsoleChangeList
from feedback.admin import views
from feedback.admin.filters import ORDERS, SORTS, ColumnsFilter, Kept, SortFilter, TabFilter
from feedback.domain.queries import inbox, inbox_rows


class InboxChangeList(ConsoleChangeList):
    """Knows its tab, and how many items wait in every tab."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.reader: Any = request.user
        super().__init__(request, *args, **kwargs)
        # For a new view: everything but the page and the view that one came by.
        self.asked = self.get_query_string(remove=["p", "view"]).removeprefix("?")
        self.views = views.beside_tabs(request, self.root_queryset, views.opens_with(request))

    def get_filters(self, request: HttpRequest) -> Any:
        specs, has_filters, rest, may_repeat, _active = super().get_filters(request)
        # A tab, an order and columns are no filters that want clearing.
        shown = [spec for spec in specs if not isinstance(spec, Kept)]
        active = any(self.filter_params.get(name) for spec in shown for name in spec.expected_parameters())
        return specs, has_filters, rest, may_repeat, active

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[str]:
        return list(ORDERS[self._spec(SortFilter).chosen()])

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.columns: list[str] = self._spec(ColumnsFilter).chosen()
        facts = inbox_rows.facts_of(items=self.result_list, columns=self.columns)
        for item in self.result_list:
            item.facts = facts[item.pk]

    def display(self) -> dict[str, Any]:
        """What the panel of columns and order is drawn from."""
        return {
            "sort": self._spec(SortFilter).chosen(),
            "sorts": [(key, title) for key, title, _ in SORTS],
            "columns": [(key, title, key in self.columns) for key, title in inbox_rows.COLUMNS],
            # What else the page's address says, to be sent along.
            "rest": [
                (name, value)
                for name, values in self.filter_params.items()
                for value in values
                if name not in ("sort", "cols")
            ],
        }

    def tab(self) -> inbox.Tab:
        found: inbox.Tab = self._spec(TabFilter).tab()
        return found

    def tabs(self) -> list[dict[str, Any]]:
        current = self.tab()
        counts = inbox.counts(items=self.root_queryset, reader=self.reader)
        return [
            {
                "title": tab.title,
                "key": tab.key,
                "url": self.get_query_string({"tab": tab.key}, remove=["p", "status__exact", "view"]),
                "current": tab == current and not any(view["current"] for view in self.views),
                "count": inbox.told(counts.get(tab.key, 0)),
            }
            for tab in inbox.TABS
        ]

    def _spec(self, kind: type[Kept]) -> Any:
        return next(spec for spec in self.filter_specs if isinstance(spec, kind))
