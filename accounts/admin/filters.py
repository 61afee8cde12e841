"""List filters that stay within what the reader reaches."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from unfold.contrib.filters.admin import RelatedDropdownFilter

# A menu of more is no menu; the search box finds the rest.
LONGEST = 200


class ReachedFilter(RelatedDropdownFilter):
    """A relation as a menu of what the reader may see of it."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        rows = model_admin.get_field_queryset(None, field, request)
        return [(row.pk, str(row)) for row in rows[:LONGEST]] if rows is not None else []
