"""What the person's timeline shows of reviews: those whose stars are known to be theirs."""

from __future__ import annotations

from collections.abc import Iterable

from crm.domain.timeline import Entry, Window
from crm.models import Customer
from feedback.domain.queries import telling
from reviews.models import Review


def reviews(customer: Customer, window: Window) -> Iterable[Entry]:
    kind = "Review"
    rows = Review.objects.filter(record__customer=customer).select_related("record", "platform")
    for row in window.newest(rows, kind=kind, at="reviewed_at"):
        stars = telling.score(row.record) if row.record else ""
        title = " ".join(filter(None, (stars, f"on {row.platform}")))
        yield Entry(row.reviewed_at, kind, title, row.title or row.description or "", "plain", row)
