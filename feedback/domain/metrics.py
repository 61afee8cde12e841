"""What the hub measures: which answers a figure counts, how it is made of them, and how it is said.

Two scales never meet in one figure: stars are brought to five, everything else counts one kind of answer alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from django.db.models import F, FloatField, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce

from feedback.domain import scores
from feedback.domain.scores import Change, Score
from feedback.models import FeedbackRecord

Type = FeedbackRecord.FieldType
NUMBER = F("value_number")
Unit = Literal["points", "percent", "stars"]
STARS = 5


@dataclass(frozen=True)
class Tally:
    """Counts of answers, which add up over days, places and sources."""

    n: int = 0
    up: int = 0
    down: int = 0
    total: float = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.n + other.n, self.up + other.up, self.down + other.down, self.total + other.total)


@dataclass(frozen=True)
class Metric:
    """`answers` are the records it counts, `up` and `down` the good and bad ones, `value` what it adds up."""

    id: str
    title: str
    unit: Unit
    told: str
    answers: Q
    up: Q
    down: Q
    score: Callable[[Tally], Score]
    change: Callable[[Tally, Tally], Change | None]
    value: Combinable = NUMBER
    # The same answers as the console lists them.
    listed: Mapping[str, str] = field(default_factory=dict)


def _between(low: int, high: int) -> Q:
    return Q(value_number__gte=low, value_number__lte=high)


def _share(formula: str) -> Callable[[Tally], Score]:
    return lambda tally: scores.share(formula=formula, hits=tally.up, n=tally.n)


def _share_change(now: Tally, before: Tally) -> Change | None:
    return scores.share_change(now=(now.up, now.n), before=(before.up, before.n))


def _nps(tally: Tally) -> Score:
    return scores.nps(promoters=tally.up, detractors=tally.down, n=tally.n)


def _nps_change(now: Tally, before: Tally) -> Change | None:
    return scores.nps_change(now=(now.up, now.down, now.n), before=(before.up, before.down, before.n))


def _stars(tally: Tally) -> Score:
    return scores.mean("stars_mean", total=tally.total, n=tally.n)


# A rating says what its scale is, or is one of five stars; what lies beyond its scale is no rating.
SCALE = Coalesce(F("value_scale"), STARS)
THUMB = Q(contract=FeedbackRecord.Contract.INKEEP)

METRICS = {
    metric.id: metric
    for metric in (
        Metric(
            "nps",
            "NPS",
            "points",
            "Percentage of promoters (9 and 10) less that of detractors (0 to 6)",
            Q(field_type=Type.NPS) & _between(0, 10),
            Q(value_number__gte=9),
            Q(value_number__lte=6),
            _nps,
            _nps_change,
            listed={"field_type__exact": "nps"},
        ),
        Metric(
            "csat",
            "CSAT",
            "percent",
            "Share of 4 and 5 among answers from 1 to 5",
            Q(field_type=Type.CSAT) & _between(1, 5),
            Q(value_number__gte=4),
            Q(value_number__lte=2),
            _share("csat_top2"),
            _share_change,
            listed={"field_type__exact": "csat"},
        ),
        Metric(
            "ces",
            "CES",
            "percent",
            "Share of 5 to 7 among answers from 1 to 7: it was easy",
            Q(field_type=Type.CES) & _between(1, 7),
            Q(value_number__gte=5),
            Q(value_number__lte=3),
            _share("ces_top3"),
            _share_change,
            listed={"field_type__exact": "ces"},
        ),
        Metric(
            "stars",
            "Stars",
            "stars",
            "Mean of ratings, brought to five stars",
            Q(field_type=Type.RATING, value_number__gte=0, value_number__lte=SCALE),
            Q(value_number__gte=0.8 * SCALE),
            Q(value_number__lte=0.4 * SCALE),
            _stars,
            lambda now, before: None,
            Cast(F("value_number"), FloatField()) * STARS / SCALE,
            listed={"field_type__exact": "rating"},
        ),
        Metric(
            "happy",
            "Happy",
            "percent",
            "Share of happy among happy and unhappy",
            Q(field_type=Type.BOOLEAN, contract=FeedbackRecord.Contract.REQUEST, value_boolean__isnull=False),
            Q(value_boolean=True),
            Q(value_boolean=False),
            _share("happy_share"),
            _share_change,
            listed={"field_type__exact": "boolean", "contract__exact": "request"},
        ),
        Metric(
            "thumbs",
            "Thumbs up",
            "percent",
            "Share of thumbs up among thumbs on AI replies",
            THUMB & Q(value_boolean__isnull=False),
            Q(value_boolean=True),
            Q(value_boolean=False),
            _share("thumbs_up"),
            _share_change,
            listed={"contract__exact": "inkeep"},
        ),
    )
}
