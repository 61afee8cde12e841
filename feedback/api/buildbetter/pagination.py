"""`?page=` and `limit=`, as the vendor's other resources have them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from feedbackhub.api.pagination import numbered_page

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 100


def page(rows: QuerySet[Any], query: QueryDict, noun: str, render: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """`{<noun>: […], "has_more": …}` with one query."""
    found, more = numbered_page(query, first=1, default=DEFAULT_LIMIT, most=LARGEST_LIMIT).more(rows)
    return {noun: [render(row) for row in found], "has_more": more}
