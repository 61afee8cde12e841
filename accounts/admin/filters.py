"""List filters that stay within what the reader reaches."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_date
from django.utils.timezone import make_aware
from unfold.contrib.filters.admin import RangeDateFilter, RelatedDropdownFilter

# A menu of more is no menu; the search box finds the rest.
LONGEST = 200


class ReachedFilter(RelatedDropdownFilter):
    """A relation as a menu of what the reader may see of it."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        rows = model_admin.get_field_queryset(None, field, request)
        return [(row.pk, str(row)) for row in rows[:LONGEST]] if rows is not None else []


class DaysFilter(RangeDateFilter):
    """From one day to another, both whole; what is no day is as if it were not given."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, last = self._day("from"), self._day("to")
        if first is not None:
            queryset = queryset.filter(**{f"{self.parameter_name}__gte": first})
        if last is not None:
            queryset = queryset.filter(**{f"{self.parameter_name}__lt": last + timedelta(days=1)})
        return queryset

    def _day(self, end: str) -> datetime | None:
        given = self.used_parameters.get(f"{self.parameter_name}_{end}")
        try:
            day = parse_date(str(given or ""))
            return make_aware(datetime.combine(day, time.min)) if day and 1970 <= day.year <= 2080 else None
        except ValueError:
            return None
