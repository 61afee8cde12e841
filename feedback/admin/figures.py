"""The page of figures: scores with what they rest on, over time, by place and by source, and the same as CSV."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.admin.reach import one_account, reach_of
from accounts.domain.roles import May
from accounts.models import Account
from crm.domain.queries import locations
from feedback.domain.metrics import Metric
from feedback.domain.queries import handling, metrics
from feedback.domain.queries.handling import Handling
from feedback.domain.queries.metrics import Figure, Group, Step, Window
from feedback.domain.scores import Score
from feedback.models import FeedbackRecord
from feedbackhub.errors import HubError

# Days to look back, and what a point of a chart spans then.
SPANS: dict[str, tuple[str, Step]] = {
    "30": ("30 days", "day"),
    "90": ("90 days", "week"),
    "365": ("12 months", "month"),
}
USUAL = "90"
MOST_PLACES = 200
BOUNDS = {"points": (-100, 100), "percent": (0, 100), "stars": (0, 5)}


def show(request: HttpRequest) -> HttpResponse:
    """`days`, `location` and `source` narrow it; what is none of ours is as if it were not given."""
    if not reach_of(request).may(May.SEE_FEEDBACK):
        raise PermissionDenied
    context = {**admin.site.each_context(request), "title": "Figures"}
    account = one_account(request)
    if account is None:
        return TemplateResponse(request, "console/figures.html", context)
    window = _window(request, account)
    figures = metrics.figures(window=window)
    if request.GET.get("format") == "csv":
        return _csv(window, figures)
    context |= {
        "account": account,
        "window": window,
        "days": _days(request),
        "spans": SPANS,
        "places": locations.locations_of(account).order_by("name")[:MOST_PLACES],
        "sources": FeedbackRecord.Contract.choices,
        "cards": [_card(window, figure) for figure in figures if figure.score.n or figure.before.n],
        "missing": [figure.metric for figure in figures if not (figure.score.n or figure.before.n)],
        "handling": (found := handling.handling(window=window)),
        "volume": _volume(window, found),
        "csv": f"?{urlencode({**request.GET.dict(), 'format': 'csv'})}",
    }
    return TemplateResponse(request, "console/figures.html", context)


def _days(request: HttpRequest) -> str:
    asked = request.GET.get("days", USUAL)
    return asked if asked in SPANS else USUAL


def _window(request: HttpRequest, account: Account) -> Window:
    days = _days(request)
    last = metrics.today(account)
    source = request.GET.get("source", "")
    try:
        (place,) = locations.known(account, [request.GET["location"]], field="location")
    except (KeyError, HubError):
        place = None
    return Window(
        account,
        last - timedelta(days=int(days) - 1),
        last,
        SPANS[days][1],
        place,
        source if source in FeedbackRecord.Contract.values else "",
    )


# --- Cards -----------------------------------------------------------------------------------------------------------


def _card(window: Window, figure: Figure) -> dict[str, Any]:
    metric, tally = figure.metric, figure.tally
    return {
        "metric": metric,
        "figure": figure,
        "value": _said(metric, figure.score.value),
        "verdict": _verdict(metric, figure),
        "parts": [("good", tally.up), ("neutral", tally.n - tally.up - tally.down), ("bad", tally.down)],
        "stars": metrics.star_counts(window=window) if metric.unit == "stars" and tally.n else [],
        "chart": _chart(metric, figure.series),
        "options": _options(*BOUNDS[metric.unit]),
        "rows": [(day, score, _said(metric, score.value)) for day, score in figure.series],
        "groups": [(title, _bars(metric, groups)) for title, groups in _compared(figure)],
        "link": _records(window, metric),
    }


def _compared(figure: Figure) -> list[tuple[str, list[Group]]]:
    """Places and sources, where there are several to compare."""
    return [
        (title, groups)
        for title, groups in (("Place", figure.locations), ("Source", figure.sources))
        if len(groups) > 1
    ]


def _said(metric: Metric, value: float | None) -> str:
    if value is None:
        return "none"
    return {"points": f"{value:+.0f}", "percent": f"{value:.0f} %", "stars": f"{value:.2f}"}[metric.unit]


def _verdict(metric: Metric, figure: Figure) -> tuple[str, str]:
    """A tone, and words on how it stands to as many days before."""
    if not figure.before.n:
        return "plain", "nothing to compare with before"
    if figure.change is None:
        return "plain", f"before: {_said(metric, figure.before.value)} of {figure.before.n}"
    change = figure.change
    told = f"{change.value:+.0f} since the days before (95 %: {change.low:+.0f} to {change.high:+.0f})"
    if not change.changed:
        return "plain", f"No clear change: {told}"
    return ("good", f"Up: {told}") if change.value > 0 else ("bad", f"Down: {told}")


def _bars(metric: Metric, groups: list[Group]) -> list[dict[str, Any]]:
    return [
        {"group": group, "said": _said(metric, group.score.value), "meter": _meter(metric, group)} for group in groups
    ]


def _meter(metric: Metric, group: Group) -> dict[str, float]:
    low, high = BOUNDS[metric.unit]
    return {"min": low, "max": high, "value": round(group.score.value or 0, 1)}


def _chart(metric: Metric, series: list[tuple[date, Score]]) -> str:
    """For Chart.js: the figure as a line, its interval as two faint ones. A step without answers is a gap."""
    color = "var(--color-primary-500)"
    line = {"borderColor": color, "backgroundColor": color, "borderWidth": 2}
    edge = {"borderColor": "var(--color-base-400)", "borderWidth": 1, "borderDash": [3, 3], "pointRadius": 0}
    sets: list[dict[str, Any]] = [{"label": metric.title, "data": _points(series, "value"), **line}]
    if metric.unit != "stars":
        sets += [{"label": f"95 %, {name} end", "data": _points(series, name), **edge} for name in ("low", "high")]
    return json.dumps({"labels": [f"{day:%-d %b}" for day, _ in series], "datasets": sets})


def _options(low: float | None = None, high: float | None = None, *, legend: bool = False) -> str:
    """For Chart.js: the whole scale, so that a small change looks small."""
    axis = {"grid": {}, "ticks": {"color": "#9ca3af", "maxTicksLimit": 6}}
    return json.dumps(
        {
            "animation": False,
            "maintainAspectRatio": False,
            "elements": {"point": {"radius": 2}},
            "plugins": {"legend": {"display": legend, "labels": {"color": "#9ca3af", "boxWidth": 12}}},
            "scales": {"x": axis, "y": {**axis, "min": low, "max": high}},
        }
    )


def _points(series: list[tuple[date, Score]], name: str) -> list[float | None]:
    values = (getattr(score, name) for _, score in series)
    return [None if value is None else round(value, 2) for value in values]


def _volume(window: Window, found: Handling) -> dict[str, Any]:
    sets = [
        {"label": "Answers", "data": [n for _, n in found.answers], "backgroundColor": "var(--color-primary-500)"},
        {"label": "Items", "data": [n for _, n in found.items], "backgroundColor": "var(--color-base-400)"},
    ]
    rows = [(day, answers, items) for (day, answers), (_, items) in zip(found.answers, found.items, strict=True)]
    labels = [f"{day:%-d %b}" for day, _ in found.answers]
    return {
        "chart": json.dumps({"labels": labels, "datasets": sets}),
        "options": _options(0, legend=True),
        "rows": rows,
    }


def _records(window: Window, metric: Metric) -> str:
    """The list of the answers behind a figure."""
    narrowed = {
        **metric.listed,
        "collected_at_from": window.first.isoformat(),
        "collected_at_to": window.last.isoformat(),
        **({"contract__exact": window.source} if window.source else {}),
        **({"location__id__exact": str(window.location.pk)} if window.location else {}),
    }
    return f"{reverse('admin:feedback_feedbackrecord_changelist')}?{urlencode(narrowed)}"


# --- CSV -------------------------------------------------------------------------------------------------------------


def _csv(window: Window, figures: list[Figure]) -> HttpResponse:
    """One row a figure: of the whole, of the days before, of each step, place and source."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="figures-{window.first}-{window.last}.csv"'
    sheet = csv.writer(response)
    sheet.writerow(["metric", "formula", "from", "to", "of", "id", "name", "n", "value", "low", "high"])
    for figure in figures:
        groups = [
            ("whole", "", "", figure.score),
            ("before", "", "", figure.before),
            *((window.step, f"{day}", "", score) for day, score in figure.series),
            *(("location", each.id, each.name, each.score) for each in figure.locations),
            *(("source", each.id, each.name, each.score) for each in figure.sources),
        ]
        for of, id, name, score in groups:
            numbers = [
                score.n,
                *("" if each is None else round(each, 4) for each in (score.value, score.low, score.high)),
            ]
            sheet.writerow([figure.metric.id, score.formula, window.first, window.last, of, id, _plain(name), *numbers])
    return response


def _plain(text: str) -> str:
    """A name that a spreadsheet would take for a formula is marked as text."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
