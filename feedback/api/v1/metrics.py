"""Figures over the hub's own API; what they mean is in feedback/domain/metrics.py."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from msgspec import Meta, Struct
from rest_framework.request import Request

from accounts.models import Account
from crm.domain.queries import locations
from feedback.api.v1.shapes import Contract
from feedback.domain.metrics import METRICS
from feedback.domain.queries import handling, metrics
from feedback.domain.queries.handling import Times
from feedback.domain.queries.metrics import Figure, Window
from feedback.domain.scores import Score
from feedback.models import FeedbackRecord
from feedbackhub.api.openapi import describe, parameter
from feedbackhub.api.own.views import OwnViewSet
from feedbackhub.errors import Invalid, NotFound

USUAL_DAYS = 90
# date.fromisoformat reads weeks as well.
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
Metric = Literal["nps", "csat", "ces", "stars", "happy", "thumbs"]
Unit = Literal["points", "percent", "stars"]
DAY: dict[str, Any] = {"type": "string", "format": "date"}
WINDOW = [
    parameter("from", DAY, f"First day, in the account's time zone; {USUAL_DAYS - 1} days before `to` unless told."),
    parameter("to", DAY, "Last day, included; today unless told."),
    parameter("location", str, "Public id of a location."),
    parameter("source", {"enum": FeedbackRecord.Contract.values}, "How the answers came."),
]
STEP = parameter("step", {"enum": list(metrics.TRUNCATE)}, "What a point of a series spans; week unless told.")


class Told(Struct):
    """A figure and what it rests on: the number of answers and the 95 % interval. Without answers all are null."""

    n: int
    value: float | None
    low: float | None
    high: float | None


class Difference(Struct):
    """The figure less that of as many days before, in points; `changed` when the interval excludes 0."""

    value: float
    low: float
    high: float
    changed: bool


class Point(Told):
    """The step that begins on this day; the first and the last may be cut by the window."""

    start: date


class Group(Told):
    id: str
    name: str


class SourceGroup(Told):
    id: Contract
    name: str


class Summary(Struct):
    """`formula` names how the value is made; it changes when that does."""

    metric: Metric
    formula: str
    unit: Unit
    description: str
    current: Told
    previous: Told
    difference: Difference | None


class SummaryList(Struct):
    data: list[Summary]


class Detail(Summary):
    series: list[Point]
    locations: list[Group]
    sources: list[SourceGroup]


class Spans(Struct):
    """Seconds; null without items."""

    n: int
    median: Annotated[float, Meta(ge=0)] | None
    p90: Annotated[float, Meta(ge=0)] | None


class Volume(Struct):
    start: date
    n: int


class Kept(Told):
    """Percent of the items with a service target whose clock was stopped or ran out that were in time."""


class Items(Struct):
    """Items made in the window, spam apart: how many are open still, how soon they were first taken up and closed."""

    made: int
    open: int
    response_seconds: Spans
    resolution_seconds: Spans
    response_in_time: Kept
    resolution_in_time: Kept
    items: list[Volume]
    answers: list[Volume]


class Figures(OwnViewSet):
    """NPS, CSAT, CES, stars and thumbs, each with n, interval and verdict."""

    @describe("List the figures", query=WINDOW, answers={200: SummaryList})
    def list(self, request: Request) -> HttpResponse:
        window = window_of(self.account, request.query_params)
        return self.reply(SummaryList([Summary(**_summary(each)) for each in metrics.figures(window=window)]))

    @describe("Read one figure, over time and by place and source", query=[*WINDOW, STEP], answers={200: Detail})
    def retrieve(self, request: Request, metric: str) -> HttpResponse:
        if metric not in METRICS:
            raise NotFound(f"There is no such metric; there are {', '.join(METRICS)}.")
        window = window_of(self.account, request.query_params)
        (figure,) = metrics.figures(window=window, metrics=[METRICS[metric]])
        return self.reply(_detail(figure))

    @describe("Read volumes, response and resolution times", query=[*WINDOW, STEP], answers={200: Items})
    def items(self, request: Request) -> HttpResponse:
        found = handling.handling(window=window_of(self.account, request.query_params))
        return self.reply(
            Items(
                made=found.made,
                open=found.open,
                response_seconds=_spans(found.response),
                resolution_seconds=_spans(found.resolution),
                response_in_time=Kept(**_told(found.first_kept)),
                resolution_in_time=Kept(**_told(found.resolve_kept)),
                items=[Volume(day, n) for day, n in found.items],
                answers=[Volume(day, n) for day, n in found.answers],
            )
        )


def window_of(account: Account, query: Mapping[str, str]) -> Window:
    """The window that a query asks for. Raises Invalid."""
    last = _day(query, "to") or metrics.today(account)
    first = _day(query, "from") or last - timedelta(days=USUAL_DAYS - 1)
    step, source, location = query.get("step", "week"), query.get("source", ""), query.get("location")
    if step not in metrics.TRUNCATE:
        raise Invalid(f"must be one of: {', '.join(metrics.TRUNCATE)}", field="step")
    if source and source not in FeedbackRecord.Contract.values:
        raise Invalid(f"must be one of: {', '.join(FeedbackRecord.Contract.values)}", field="source")
    place = locations.known(account, [location], field="location")[0] if location is not None else None
    return Window(account, first, last, step, place, source)  # type: ignore[arg-type]


def _day(query: Mapping[str, str], name: str) -> date | None:
    text = query.get(name)
    if text is None:
        return None
    try:
        found = date.fromisoformat(text) if ISO_DAY.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None or not 1970 <= found.year <= 2080:
        raise Invalid("must be a day such as 2026-01-31, from 1970 to 2080", field=name)
    return found


def _told(score: Score) -> dict[str, Any]:
    return {"n": score.n, "value": score.value, "low": score.low, "high": score.high}


def _summary(figure: Figure) -> dict[str, Any]:
    change = figure.change
    return {
        "metric": figure.metric.id,
        "formula": figure.score.formula,
        "unit": figure.metric.unit,
        "description": figure.metric.told,
        "current": Told(**_told(figure.score)),
        "previous": Told(**_told(figure.before)),
        "difference": Difference(change.value, change.low, change.high, change.changed) if change else None,
    }


def _detail(figure: Figure) -> Detail:
    return Detail(
        **_summary(figure),
        series=[Point(start=day, **_told(score)) for day, score in figure.series],
        locations=[Group(id=each.id, name=each.name, **_told(each.score)) for each in figure.locations],
        sources=[SourceGroup(id=each.id, name=each.name, **_told(each.score)) for each in figure.sources],  # type: ignore[arg-type]
    )


def _spans(times: Times) -> Spans:
    median, p90 = (None if each is None else each.total_seconds() for each in (times.median, times.p90))
    return Spans(times.n, median, p90)
