"""Figures over a window of days: of the whole, over time, by place and by source. The console, the API and the CSV all
read them here.

A window costs three queries, whatever it spans: counts by day, week or month for it and for the window before it,
counts by place, and counts by source. Counts add up, so scores are made in Python, of counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, IntegerField, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, Round, TruncDay, TruncMonth, TruncWeek
from django.utils import timezone

from accounts.models import Account
from crm.models import Location
from feedback.domain.metrics import METRICS, STARS, Metric, Tally
from feedback.domain.scores import Change, Score
from feedback.models import FeedbackRecord
from feedbackhub.errors import Invalid

Step = Literal["day", "week", "month"]
TRUNCATE = {"day": TruncDay, "week": TruncWeek, "month": TruncMonth}
LONGEST_DAYS = 3 * 366
# Of the longest window: beyond, a chart is a smear.
MOST_STEPS = 190
PLACES = 100


@dataclass(frozen=True)
class Window:
    """Whole days of the account's time zone, both ends included, perhaps of one place or one source only."""

    account: Account
    first: date
    last: date
    step: Step
    location: Location | None = None
    source: str = ""

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise Invalid("must not be after the last day", field="from")
        if self.days > LONGEST_DAYS:
            raise Invalid(f"must be at most {LONGEST_DAYS} days before the last day", field="from")
        if self.days > MOST_STEPS and self.step == "day":
            raise Invalid(f"must be week or month for more than {MOST_STEPS} days", field="step")

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.account.time_zone)

    def midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone)

    @property
    def begin(self) -> datetime:
        return self.midnight(self.first)

    @property
    def end(self) -> datetime:
        """The first moment that is no longer in it."""
        return self.midnight(self.last + timedelta(days=1))

    @property
    def begin_before(self) -> datetime:
        """Where the window of as many days before this one begins."""
        return self.midnight(self.first - timedelta(days=self.days))

    def steps(self) -> Iterator[date]:
        """The first days of all days, weeks (Mondays) or months that it touches."""
        day = self.first
        if self.step == "week":
            day -= timedelta(days=day.weekday())
        elif self.step == "month":
            day = day.replace(day=1)
        while day <= self.last:
            yield day
            if self.step == "month":
                day = (day + timedelta(days=31)).replace(day=1)
            else:
                day += timedelta(days=7 if self.step == "week" else 1)


def today(account: Account) -> date:
    return timezone.localdate(timezone=ZoneInfo(account.time_zone))


@dataclass(frozen=True)
class Group:
    """One place or source."""

    id: str
    name: str
    score: Score


@dataclass(frozen=True)
class Figure:
    """One metric over a window. `series` has a score for every step, with n 0 where nobody answered."""

    metric: Metric
    tally: Tally
    score: Score
    before: Score
    change: Change | None
    series: list[tuple[date, Score]]
    locations: list[Group]
    sources: list[Group]


Tallies = dict[str, Tally]


@dataclass
class _Counted:
    now: Tallies
    before: Tallies
    series: dict[date, Tallies] = field(default_factory=dict)


def figures(*, window: Window, metrics: Sequence[Metric] = tuple(METRICS.values())) -> list[Figure]:
    """The metrics over the window, each with the window of as many days before it."""
    counted = _over_time(window, metrics)
    places, sources = _by_location(window, metrics), _by_source(window, metrics)
    return [
        Figure(
            metric=metric,
            tally=counted.now[metric.id],
            score=metric.score(counted.now[metric.id]),
            before=metric.score(counted.before[metric.id]),
            change=metric.change(counted.now[metric.id], counted.before[metric.id]),
            series=[
                (day, metric.score(counted.series[day][metric.id] if day in counted.series else Tally()))
                for day in window.steps()
            ],
            locations=_groups(metric, places),
            sources=_groups(metric, sources),
        )
        for metric in metrics
    ]


def star_counts(*, window: Window) -> list[int]:
    """How many ratings came to one, two, … five stars; what is between them goes to the nearer."""
    metric = METRICS["stars"]
    near = Round(metric.value, output_field=IntegerField())
    rows = answers(window, window.begin).filter(metric.answers).values_list(near).annotate(Count("pk"))
    found = dict(rows.order_by())
    return [found.get(stars, 0) + (found.get(0, 0) if stars == 1 else 0) for stars in range(1, STARS + 1)]


# --- Counting ---------------------------------------------------------------------------------------------------------


def answers(window: Window, begin: datetime) -> QuerySet[FeedbackRecord]:
    """The records from `begin` to the window's end, of its place and source."""
    rows = FeedbackRecord.objects.for_account(window.account).filter(
        collected_at__gte=begin, collected_at__lt=window.end
    )
    if window.location is not None:
        rows = rows.filter(location=window.location)
    return rows.filter(contract=window.source) if window.source else rows


def _counts(metrics: Sequence[Metric]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for metric in metrics:
        found[f"{metric.id}_n"] = Count("pk", filter=metric.answers)
        found[f"{metric.id}_up"] = Count("pk", filter=metric.answers & metric.up)
        found[f"{metric.id}_down"] = Count("pk", filter=metric.answers & metric.down)
        if metric.unit == "stars":
            found[f"{metric.id}_total"] = Coalesce(Sum(metric.value, filter=metric.answers), Value(0.0))
    return found


def _tallies(row: Mapping[str, Any], metrics: Sequence[Metric]) -> Tallies:
    parts = ("n", "up", "down", "total")
    return {each.id: Tally(*(row.get(f"{each.id}_{part}", 0) for part in parts)) for each in metrics}


def _over_time(window: Window, metrics: Sequence[Metric]) -> _Counted:
    current = Case(When(collected_at__gte=window.begin, then=Value(1)), default=Value(0))
    step = TRUNCATE[window.step]("collected_at", tzinfo=window.zone)
    rows = answers(window, window.begin_before).annotate(current=current, step=step)
    nothing = {metric.id: Tally() for metric in metrics}
    counted = _Counted(dict(nothing), dict(nothing))
    for row in rows.values("current", "step").annotate(**_counts(metrics)).order_by():
        found = _tallies(row, metrics)
        period = counted.now if row["current"] else counted.before
        for id, tally in found.items():
            period[id] += tally
        if row["current"]:
            counted.series[row["step"].date()] = found
    return counted


def _by_location(window: Window, metrics: Sequence[Metric]) -> list[tuple[str, str, Tallies]]:
    rows = answers(window, window.begin).exclude(location=None).values("location__public_id", "location__name")
    found = rows.annotate(answers=Count("pk"), **_counts(metrics)).order_by("-answers", "location__name")[:PLACES]
    return [(row["location__public_id"], row["location__name"], _tallies(row, metrics)) for row in found]


def _by_source(window: Window, metrics: Sequence[Metric]) -> list[tuple[str, str, Tallies]]:
    rows = answers(window, window.begin).values("contract").annotate(answers=Count("pk"), **_counts(metrics))
    names = dict(FeedbackRecord.Contract.choices)
    return [
        (row["contract"], names[row["contract"]], _tallies(row, metrics))
        for row in rows.order_by("-answers", "contract")
    ]


def _groups(metric: Metric, rows: list[tuple[str, str, Tallies]]) -> list[Group]:
    return [Group(id, name, metric.score(found[metric.id])) for id, name, found in rows if found[metric.id].n]
