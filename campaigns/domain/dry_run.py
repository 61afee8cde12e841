"""What a campaign would do if it were launched now: how many people each step reaches now, later and never, and why.

The gates that judge here are the sender's own. Nothing is stored.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Account
from campaigns.domain import audience, enrolments, requests, timing
from campaigns.domain.queries import campaigns as queries
from campaigns.domain.sender import gates, subjects
from campaigns.domain.sender.gates import Verdict
from campaigns.domain.sender.subjects import Subject
from campaigns.models import Campaign, Enrolment, Step
from crm.domain.queries.customers import customers_of
from crm.models import Customer, CustomerLocation

# More are not looked at: the page would take too long, and says so.
MOST = 5_000
CHUNK = 500
SAMPLES = 3
RECENT = timedelta(days=30)
# So often is somebody who must wait asked about again at the end of the wait.
PATIENCE = 4


@dataclass(frozen=True)
class Reason:
    """Why people wait or get nothing: the gate, its rule, and how many it concerns."""

    gate: str
    rule: str
    number: int


@dataclass(frozen=True)
class Sample:
    """One person as an example. `at` is None for never."""

    customer: Customer
    at: datetime | None
    why: str


@dataclass
class Forecast:
    """One step: how many people get it now, later and never."""

    step: Step
    now: int = 0
    later: int = 0
    never: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    samples: dict[str, list[Sample]] = field(default_factory=lambda: {"now": [], "later": [], "never": []})
    held_by: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused_by: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def waits(self) -> list[Reason]:
        return [Reason(gate, rule, number) for (gate, rule), number in self.held_by.most_common()]

    @property
    def refusals(self) -> list[Reason]:
        return [Reason(gate, rule, number) for (gate, rule), number in self.refused_by.most_common()]


@dataclass(frozen=True)
class DryRun:
    """`people` were looked at; `more` says that there are others; `as_if`, whom an ongoing one was tried on."""

    people: int
    more: bool
    as_if: str
    steps: list[Forecast]
    at: datetime


def of(*, campaign: Campaign, now: datetime | None = None) -> DryRun:
    moment = now or timezone.now()
    steps = queries.steps_of(campaign)
    rows = who(campaign, now=moment)
    forecasts = [Forecast(step) for step in steps]
    looked_at, after = 0, 0
    while steps and looked_at < MOST:
        people = list(rows.filter(pk__gt=after).select_related("account").order_by("pk")[:CHUNK])
        if not people:
            break
        _try(campaign, people, forecasts, moment)
        looked_at, after = looked_at + len(people), people[-1].pk
    more = looked_at >= MOST and rows.filter(pk__gt=after).exists()
    as_if = "" if campaign.kind == Campaign.Kind.ONE_OFF else "everybody who was added in the last 30 days entered now"
    return DryRun(looked_at, more, as_if, forecasts, moment)


def who(campaign: Campaign, *, now: datetime) -> QuerySet[Customer]:
    """A one-off campaign's audience; for an ongoing one those who came lately, since those to come are unknown."""
    if campaign.kind == Campaign.Kind.ONE_OFF:
        return audience.people_of(campaign)
    lately = customers_of(campaign.account).filter(created_at__gte=now - RECENT)
    return lately.filter(pk__in=_here(campaign).values("customer"))


def _here(campaign: Campaign) -> QuerySet[CustomerLocation]:
    account: Account = campaign.account
    at = Q(location__in=campaign.locations.all()) if campaign.locations.exists() else Q()
    return CustomerLocation.objects.filter(at, location__account=account, location__deleted_at=None)


def _try(campaign: Campaign, people: list[Customer], forecasts: list[Forecast], now: datetime) -> None:
    runs = enrolments.trial(campaign=campaign, people=people, now=now)
    before: Step | None = None
    for forecast in forecasts:
        drafts, moments = [], []
        for run in runs:
            zone = timing.zone_of(customer=run.customer, location=run.location)
            planned = max(now, timing.due(enrolment=run, step=forecast.step, before=before, zone=zone))
            drafts.append(requests.draft(enrolment=run, step=forecast.step, now=planned))
            moments.append(planned)
            run.last_step_at = planned
        for run, subject, planned in zip(runs, subjects.load(drafts, now=now), moments, strict=True):
            _count(forecast, run, replace(subject, now=planned), now)
        before = forecast.step


def _count(forecast: Forecast, run: Enrolment, subject: Subject, now: datetime) -> None:
    """One person at one step. Who must wait is asked about again when the wait is over."""
    held: Verdict | None = None
    for _ in range(PATIENCE):
        objection = gates.judge(subject).objection
        if objection is None or objection.next_eligible_at is None:
            break
        held = held or objection
        subject = replace(subject, now=objection.next_eligible_at)
    if objection is not None:
        forecast.never += 1
        forecast.refused_by[objection.gate, objection.rule] += 1
        _sample(forecast, "never", Sample(run.customer, None, objection.detail))
        return
    key = "now" if subject.now <= now else "later"
    setattr(forecast, key, getattr(forecast, key) + 1)
    forecast.first_at = min(forecast.first_at or subject.now, subject.now)
    forecast.last_at = max(forecast.last_at or subject.now, subject.now)
    if held is not None:
        forecast.held_by[held.gate, held.rule] += 1
    _sample(forecast, key, Sample(run.customer, subject.now, held.detail if held else ""))


def _sample(forecast: Forecast, key: str, sample: Sample) -> None:
    if len(forecast.samples[key]) < SAMPLES:
        forecast.samples[key].append(sample)
