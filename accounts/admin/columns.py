"""Columns of a list that are worked out from the row."""

from __future__ import annotations

import json
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


def short(words: str, longest: int) -> str:
    """Cut to so many characters, an ellipsis included."""
    return words if len(words) <= longest else f"{words[: longest - 1]}…"


def as_json(value: Any) -> SafeString:
    """A value as a program sent it, to be read by people."""
    return as_written(json.dumps(value, indent=2, ensure_ascii=False))


def as_written(text: str) -> SafeString:
    """Text with its line breaks and blanks, escaped."""
    return format_html('<div class="hub-pre">{}</div>', text)
