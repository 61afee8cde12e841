"""An item's clocks in templates."""

from __future__ import annotations

from django import template

from feedback.domain.sla import clocks
from feedback.domain.sla.clocks import Clock
from feedback.models import FeedbackItem

register = template.Library()


@register.filter
def clock(item: FeedbackItem) -> Clock | None:
    """The clock that runs out next; None if none is running."""
    return clocks.next_of(item)


@register.filter
def all_clocks(item: FeedbackItem) -> list[Clock]:
    return clocks.clocks_of(item)
