"""Small words that the console's pages share."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.contrib import admin
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone

register = template.Library()

STEPS = ((60, 1, "s"), (3600, 60, "min"), (86_400, 3600, "h"), (86_400 * 60, 86_400, "d"))


@register.filter
def age(at: datetime | None) -> str:
    """How long ago, in one short word: "5 min", "3 h", "12 d", then the date."""
    if at is None:
        return ""
    seconds = max(0, int((timezone.now() - at).total_seconds()))
    for below, unit, name in STEPS:
        if seconds < below:
            return f"{seconds // unit} {name}" if name != "s" else "just now"
    return f"{at:%d %b %Y}"


@register.filter
def initials(name: Any) -> str:
    words = [word for word in str(name or "").replace("@", " ").split() if word]
    return "".join(word[0] for word in words[:2]).upper() or "?"


@register.filter
def console_url(row: Model | None) -> str:
    """The row's page in the console; nothing if it has none."""
    if row is None or not admin.site.is_registered(type(row)):
        return ""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


@register.filter
def shown(value: Any) -> str:
    """A changed value as a reader wants it."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return str(value)


@register.filter
def lookup(mapping: dict[str, Any], key: str) -> Any:
    return mapping.get(key, "")


@register.filter
def span(seconds: float) -> str:
    """A length of time in its largest unit: "3 min", "2 h", "5 d"."""
    for unit, name in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= unit:
            return f"{int(seconds // unit)} {name}"
    return f"{int(seconds)} s"


@register.filter
def undo_of(message: Any) -> str:
    """The id of the action that a message tells of and that can be undone; nothing for others."""
    tags = message.extra_tags or ""
    return tags.removeprefix("undo:") if tags.startswith("undo:") else ""
