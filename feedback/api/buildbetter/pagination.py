"""`?page=` and `limit=`, as the vendor's other resources have them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from feedbackhub.errors import Invalid

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 100
# Deeper than this a list by page is the wrong tool, and an offset costs what it skips.
DEEPEST_ROW = 10_000


def page(rows: QuerySet[Any], query: QueryDict, noun: str, render: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """`{<noun>: […], "has_more": …}` with one query."""
    limit = _number(query, "limit", DEFAULT_LIMIT, LARGEST_LIMIT)
    start = (_number(query, "page", 1, DEEPEST_ROW) - 1) * limit
    if start + limit > DEEPEST_ROW:
        raise Invalid(f"page times limit must be at most {DEEPEST_ROW}", field="page")
    found = list(rows[start : start + limit + 1])
    return {noun: [render(row) for row in found[:limit]], "has_more": len(found) > limit}


def _number(query: QueryDict, name: str, default: int, largest: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not 1 <= int(text) <= largest:
        raise Invalid(f"must be a whole number from 1 to {largest}", field=name)
    return int(text)
