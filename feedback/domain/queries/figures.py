"""Figures over stored answers."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Q

from accounts.models import Account
from feedback.domain import scores
from feedback.domain.scores import Score
from feedback.models import FeedbackRecord, Response


def nps_of(*, account: Account, since: datetime) -> Score:
    """One account's NPS: several accounts' answers in one score would say nothing about any of them."""
    answers = FeedbackRecord.objects.for_account(account).filter(
        field_type=FeedbackRecord.FieldType.NPS, collected_at__gte=since, value_number__isnull=False
    )
    counted = answers.aggregate(
        n=Count("pk"),
        promoters=Count("pk", filter=Q(value_number__gte=9)),
        detractors=Count("pk", filter=Q(value_number__lte=6)),
    )
    return scores.nps(**counted)


def latest_answers(*, accounts: list[int] | None, limit: int) -> list[Response]:
    """The newest answers of the accounts; None means all."""
    rows = Response.objects.select_related("score", "comment", "location", "account")
    if accounts is not None:
        rows = rows.filter(account__in=accounts)
    return list(rows.order_by("-created_at", "-id")[:limit])
