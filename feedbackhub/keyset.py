"""Lists that go on behind the row last seen: a page costs a page at any depth, which an offset does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q


def behind(columns: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows that come after `values` in the order of `columns`, the last of which is unique; `-` is descending.

    No column is null. The bound on the first column says nothing new: it is what lets an index skip there.
    """
    condition = Q()
    for column, value in reversed(list(zip(columns, values, strict=True))):
        name, step = column.removeprefix("-"), "lt" if column.startswith("-") else "gt"
        beyond = Q(**{f"{name}__{step}": value})
        condition = beyond | (Q(**{name: value}) & condition) if condition else beyond
    first = columns[0].removeprefix("-")
    bound = "lte" if columns[0].startswith("-") else "gte"
    return Q(**{f"{first}__{bound}": values[0]}) & condition
