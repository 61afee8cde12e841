"""The hint that an item may be spam, in templates."""

from __future__ import annotations

from django import template

from feedback.domain import spam
from feedback.models import FeedbackItem

register = template.Library()


@register.filter
def spam_hint(item: FeedbackItem) -> str:
    """Blank for what is marked as spam already, and for what nothing speaks for."""
    return "" if item.status == FeedbackItem.Status.SPAM else spam.hint(item.message)
