"""Figures over stored answers."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count

from accounts.models import Account
from feedback.domain.metrics import METRICS, Tally
from feedback.domain.scores import Score
from feedback.models import FeedbackRecord, Response


def nps_of(*, account: Account, since: datetime) -> Score:
    """One account's NPS: several accounts' answers in one score would say nothing about any of them."""
    nps = METRICS["nps"]
    answers = FeedbackRecord.objects.for_account(account).filter(nps.answers, collected_at__gte=since)
    counted = answers.aggregate(n=Count("pk"), up=Count("pk", filter=nps.up), down=Count("pk", filter=nps.down))
    return nps.score(Tally(**counted))


def latest_answers(*, accounts: list[int] | None, limit: int) -> list[Response]:
    """The newest answers of the accounts; None means all."""
    rows = Response.objects.select_related("score", "comment", "location", "account")
    if accounts is not None:
        rows = rows.filter(account__in=accounts)
    return list(rows.order_by("-created_at", "-id")[:limit])
