"""How much came in, and how soon staff took it up and closed it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from feedback.domain import scores
from feedback.domain.queries.metrics import TRUNCATE, Window, answers
from feedback.domain.scores import Score
from feedback.models import FeedbackItem


@dataclass(frozen=True)
class Times:
    """Of `n` items: half were done within `median`, nine in ten within `p90`. None without items."""

    n: int
    median: timedelta | None
    p90: timedelta | None


@dataclass(frozen=True)
class Handling:
    """Of the items that were made in the window, spam apart; `open` are neither closed nor shipped yet, and
    duplicates are open in what they repeat."""

    made: int
    open: int
    response: Times
    resolution: Times
    # Of those with a target whose clock was stopped or ran out: the share that was in time.
    first_kept: Score
    resolve_kept: Score
    # First day of a step → items made in it, and answers given in it.
    items: list[tuple[date, int]]
    answers: list[tuple[date, int]]


class _Percentile(Aggregate):
    """PostgreSQL's continuous percentile."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(fraction)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def handling(*, window: Window) -> Handling:
    """Three queries. A window of one source has that source's answers, and items whatever brought them."""
    taken = ExpressionWrapper(F("reviewed_at") - F("created_at"), output_field=DurationField())
    closed = ExpressionWrapper(F("closed_at") - F("created_at"), output_field=DurationField())
    now = timezone.now()
    first_met, resolved = Q(first_met_at__isnull=False), Q(closed_at__isnull=False)
    alone = Q(duplicate_of=None)
    first_told = Q(first_due_at__isnull=False) & (first_met | resolved | alone & Q(first_due_at__lt=now))
    resolve_told = Q(resolve_due_at__isnull=False) & (resolved | alone & Q(resolve_due_at__lt=now))
    found: dict[str, Any] = (
        _items(window)
        .annotate(first_stopped=Coalesce("first_met_at", "closed_at"))
        .aggregate(
            first_told=Count("pk", filter=first_told),
            first_kept=Count("pk", filter=first_told & Q(first_stopped__lte=F("first_due_at"))),
            resolve_told=Count("pk", filter=resolve_told),
            resolve_kept=Count("pk", filter=resolve_told & Q(closed_at__lte=F("resolve_due_at"))),
            made=Count("pk"),
            open=Count("pk", filter=Q(closed_at=None) & alone),
            responded=Count("reviewed_at"),
            resolved=Count("closed_at"),
            **{
                f"{name}_{part}": _Percentile(span, fraction=fraction)
                for name, span in (("taken", taken), ("closed", closed))
                for part, fraction in (("median", 0.5), ("p90", 0.9))
            },
        )
    )
    return Handling(
        made=found["made"],
        open=found["open"],
        response=Times(found["responded"], found["taken_median"], found["taken_p90"]),
        resolution=Times(found["resolved"], found["closed_median"], found["closed_p90"]),
        first_kept=scores.share(hits=found["first_kept"], n=found["first_told"], formula="first_response_kept"),
        resolve_kept=scores.share(hits=found["resolve_kept"], n=found["resolve_told"], formula="resolution_kept"),
        items=_by_step(window, _items(window), "created_at"),
        answers=_by_step(window, answers(window, window.begin), "collected_at"),
    )


def _items(window: Window) -> QuerySet[FeedbackItem]:
    rows = FeedbackItem.objects.for_account(window.account).exclude(status=FeedbackItem.Status.SPAM)
    rows = rows.filter(created_at__gte=window.begin, created_at__lt=window.end)
    return rows.filter(location=window.location) if window.location is not None else rows


def _by_step(window: Window, rows: QuerySet[Any], at: str) -> list[tuple[date, int]]:
    counted = rows.annotate(step=TRUNCATE[window.step](at, tzinfo=window.zone)).values("step").annotate(n=Count("pk"))
    found = {row["step"].date(): row["n"] for row in counted.order_by()}
    return [(day, found.get(day, 0)) for day in window.steps()]
