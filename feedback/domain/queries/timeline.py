"""What the person's timeline shows of feedback: answers, items and single records."""

from __future__ import annotations

from collections.abc import Iterable

from crm.domain.timeline import Entry, Tone
from crm.models import Customer
from feedback.domain import promotion
from feedback.domain.queries import telling
from feedback.models import FeedbackItem, FeedbackRecord, Response


def answers(customer: Customer, limit: int) -> Iterable[Entry]:
    rows = Response.objects.filter(customer=customer).select_related("score", "comment", "location")
    for row in rows.order_by("-created_at")[:limit]:
        mood = promotion.mood(row)
        tone: Tone = "plain" if mood == "neutral" else mood
        words = (row.comment.value_text if row.comment else "") or ""
        yield Entry(row.created_at, "Answer", telling.score(row.score), words, tone, row)


def items(customer: Customer, limit: int) -> Iterable[Entry]:
    for row in FeedbackItem.objects.filter(customer=customer).order_by("-created_at")[:limit]:
        title = f"{row.get_type_display()}, {row.get_status_display().lower()}"
        yield Entry(row.created_at, "Item", title, row.message, "plain", row)


def records(customer: Customer, limit: int) -> Iterable[Entry]:
    """Records that came by a contract; those of an answer are told with the answer."""
    rows = FeedbackRecord.objects.filter(customer=customer).exclude(contract=FeedbackRecord.Contract.REQUEST)
    for row in rows.order_by("-collected_at")[:limit]:
        yield Entry(row.collected_at, "Record", row.field_label or row.field_id, telling.value(row), "plain", row)
