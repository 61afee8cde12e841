"""`{% say "key" name=… %}`: the hub's own words in the page's `language`."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from campaigns.domain import words

register = template.Library()


@register.simple_tag(takes_context=True)
def say(context: Context, key: str, **values: Any) -> str:
    """Escaped like any variable."""
    return words.say(context["language"], key, **values)
