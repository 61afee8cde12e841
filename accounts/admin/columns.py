"""Columns of a list that are worked out from the row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

F = TypeVar("F", bound=Callable[..., Any])


def column(title: str, *, order: str | None = None, empty: str | None = None, label: Any = None) -> Callable[[F], F]:
    """Name the column, say what it sorts by, what stands for nothing, and which values are coloured labels
    ({"Failed": "danger"})."""

    def mark(function: F) -> F:
        marked: F = display(description=title, ordering=order, empty_value=empty, label=label)(function)
        return marked

    return mark


def as_written(text: str) -> SafeString:
    """Text with its line breaks and blanks, escaped."""
    return format_html('<div class="hub-pre">{}</div>', text)
