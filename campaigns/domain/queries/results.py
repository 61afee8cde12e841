"""What became of a campaign: by step and by location, every rate with its interval.

*Sent* is accepted by a provider, *delivered* is sent and not known to have failed since, *clicked* counts people and
not scanners, and the response rate is answers over delivered.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from campaigns.models import Campaign, Enrolment, FeedbackRequest, Message, SendAttempt
from feedback.domain import scores
from feedback.domain.scores import Score

State = Message.State
FIGURES = ("sent", "delivered", "clicked", "answered")


@dataclass(frozen=True)
class Row:
    """Figures of one step, one location or the whole; `rate` is null without a delivered message."""

    label: str
    channel: str
    sent: int
    delivered: int
    clicked: int
    answered: int
    rate: Score

    @property
    def bars(self) -> list[tuple[str, int, float]]:
        """Name, figure, and its share of what was sent in percent, for a chart."""
        whole = max(self.sent, self.answered, 1)
        return [(name, getattr(self, name), round(100 * getattr(self, name) / whole, 2)) for name in FIGURES]


@dataclass(frozen=True)
class Results:
    """`people` counts the runs through the campaign by state."""

    whole: Row
    steps: list[Row]
    locations: list[Row]
    people: dict[str, int]

    @property
    def entered(self) -> int:
        return sum(self.people.values())


def of(*, campaign: Campaign) -> Results:
    """Two queries, whatever its size."""
    names = ("campaign_step", "campaign_step__position", "template__name", "template__channel", "location__name")
    asked = FeedbackRequest.objects.for_account(campaign.account_id).filter(campaign_step__campaign=campaign)
    grouped = list(counted(asked).values(*names, "location").annotate(**_COUNTS).order_by("campaign_step__position"))
    steps = _by(grouped, "campaign_step", lambda row: f"Step {row['campaign_step__position']}: {row['template__name']}")
    places = _by(sorted(grouped, key=lambda row: row["location__name"]), "location", lambda row: row["location__name"])
    return Results(_sum("All steps", "", grouped), steps, places, people_of([campaign.pk])[campaign.pk])


def people_of(campaigns: Iterable[int]) -> dict[int, dict[str, int]]:
    """Runs by state for each of the campaigns, noughts included; one query."""
    found = {id: dict.fromkeys(Enrolment.State.values, 0) for id in campaigns}
    rows = Enrolment.objects.filter(campaign__in=list(found)).values_list("campaign", "state").order_by()
    for id, state, number in rows.annotate(number=Count("pk")):
        found[id][state] = number
    return found


def figures_of(campaigns: Iterable[int]) -> dict[int, Row]:
    """The whole of each campaign, for a list; one query."""
    ids = list(campaigns)
    rows = counted(FeedbackRequest.objects.filter(campaign_step__campaign__in=ids))
    found = {row["campaign_step__campaign"]: row for row in rows.values("campaign_step__campaign").annotate(**_COUNTS)}
    return {id: _sum("", "", [dict(found[id])] if id in found else []) for id in ids}


def counted(rows: QuerySet[FeedbackRequest]) -> QuerySet[FeedbackRequest]:
    accepted = SendAttempt.objects.filter(
        message__feedback_request=OuterRef("pk"), outcome=SendAttempt.Outcome.ACCEPTED
    )
    return rows.order_by().alias(was_sent=Exists(accepted))


_COUNTS: dict[str, Any] = {
    "sent": Count("pk", filter=Q(was_sent=True)),
    "delivered": Count("pk", filter=Q(was_sent=True, message__state__in=[State.ACCEPTED, State.DELIVERED])),
    "clicked": Count("pk", filter=Q(clicked_at__isnull=False)),
    "answered": Count("pk", filter=Q(response__isnull=False)),
}


def _by(grouped: list[dict[str, Any]], key: str, label: Any) -> list[Row]:
    parts: dict[Any, list[dict[str, Any]]] = {}
    for row in grouped:
        parts.setdefault(row[key], []).append(row)
    channel = key == "campaign_step"
    return [_sum(label(rows[0]), rows[0]["template__channel"] if channel else "", rows) for rows in parts.values()]


def _sum(label: str, channel: str, rows: list[dict[str, Any]]) -> Row:
    sent, delivered, clicked, answered = (sum(row[name] for row in rows) for name in FIGURES)
    # Somebody may answer a link whose message was later reported as bounced: a share is never above one.
    rate = scores.share(hits=min(answered, delivered), n=delivered, formula="response_rate")
    return Row(label, channel, sent, delivered, clicked, answered, rate)


HEADINGS = ("part", "name", *FIGURES, "response_rate_percent", "low_95", "high_95", "formula", "n")


def lines(found: Results) -> list[list[str | int]]:
    """For a file: the whole, then by step, then by location."""
    parts = [("whole", found.whole), *(("step", row) for row in found.steps)]
    parts += [("location", row) for row in found.locations]
    return [[part, tame(row.label), *(getattr(row, name) for name in FIGURES), *_rate(row.rate)] for part, row in parts]


def tame(text: str) -> str:
    """A cell that a spreadsheet would run as a formula gets an apostrophe before it."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _rate(rate: Score) -> list[str | int]:
    told = ["" if number is None else f"{number:.2f}" for number in (rate.value, rate.low, rate.high)]
    return [*told, rate.formula, rate.n]
