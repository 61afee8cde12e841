"""What the person's timeline shows of feedback: answers, items, thumbs and single records."""

from __future__ import annotations

from collections.abc import Iterable

from crm.domain.timeline import Entry, Tone, Window
from crm.models import Customer
from feedback.domain import promotion
from feedback.domain.queries import telling
from feedback.models import FeedbackItem, FeedbackRecord, Response

Contract = FeedbackRecord.Contract
# Told as what they belong to: an answer, a review, a thumb.
TOLD_OTHERWISE = (Contract.REQUEST, Contract.REVIEW, Contract.INKEEP)


def answers(customer: Customer, window: Window) -> Iterable[Entry]:
    kind = "Answer"
    rows = Response.objects.filter(customer=customer).select_related("score", "comment", "location")
    for row in window.newest(rows, kind=kind):
        tone: Tone = "bad" if promotion.is_unhappy(row) else "good"
        words = (row.comment.value_text if row.comment else "") or ""
        yield Entry(row.created_at, kind, telling.score(row.score), words, tone, row)


def items(customer: Customer, window: Window) -> Iterable[Entry]:
    kind = "Item"
    for row in window.newest(FeedbackItem.objects.filter(customer=customer), kind=kind):
        title = f"{row.get_type_display()}, {row.get_status_display().lower()}"
        yield Entry(row.created_at, kind, title, row.message, "plain", row)


def records(customer: Customer, window: Window) -> Iterable[Entry]:
    kind = "Record"
    rows = FeedbackRecord.objects.filter(customer=customer).exclude(contract__in=TOLD_OTHERWISE)
    for row in window.newest(rows.defer("raw"), kind=kind, at="collected_at"):
        yield Entry(row.collected_at, kind, row.field_label or row.field_id, telling.value(row), "plain", row)


def thumbs(customer: Customer, window: Window) -> Iterable[Entry]:
    kind = "Thumb"
    rows = FeedbackRecord.objects.filter(customer=customer, contract=Contract.INKEEP)
    for row in window.newest(rows.defer("raw"), kind=kind, at="collected_at"):
        liked = bool(row.value_boolean)
        title = f"Thumb {'up' if liked else 'down'} on an AI reply"
        yield Entry(row.collected_at, kind, title, row.value_text or "", "good" if liked else "bad", row)
