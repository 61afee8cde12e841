"""What goes in and out of the own API about campaigns and requests, as types."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from campaigns.domain.dry_run import DryRun, Forecast, Reason
from campaigns.domain.queries.results import Results, Row
from campaigns.domain.sender import decisions
from campaigns.models import Campaign as CampaignRow
from campaigns.models import Decision as DecisionRow
from campaigns.models import Enrolment as EnrolmentRow
from campaigns.models import FeedbackRequest, Message, Step

State = Literal["draft", "running", "paused", "ended", "cancelled"]


class Verdict(Struct):
    """One gate's; `next_eligible_at` is null for one that allows, and for one that says never."""

    gate: str
    rule: str
    allowed: bool
    detail: str
    next_eligible_at: datetime | None


class Decision(Struct):
    """All verdicts of one decision, in the order the gates were asked; `gate` names the one that decided, null when
    the message was let go. The same answer again is counted in `times`."""

    gate: str | None
    allowed: bool
    next_eligible_at: datetime | None
    first_at: datetime
    last_at: datetime
    times: int
    verdicts: list[Verdict]


class MessageObject(Struct):
    id: UUID
    channel: Literal["email", "sms"]
    state: str
    reason: str
    due_at: datetime
    not_after: datetime
    sms_segments: int


class RequestObject(Struct):
    """One ask; `decisions` says why its message was sent, waits or was not sent, oldest first."""

    id: str
    customer: str
    location: str
    template: str
    campaign: str | None
    campaign_step: str | None
    due_at: datetime
    created_at: datetime
    clicked_at: datetime | None
    answered: bool
    message: MessageObject | None
    decisions: list[Decision]


class StepObject(Struct):
    id: str
    position: int
    template: str
    channel: Literal["email", "sms"]
    delay_days: int
    delay_minutes: int
    delay_from: Literal["entry", "previous"]


class Share(Struct):
    """In percent with its 95 % interval; null without anything to rest on."""

    formula: str
    n: int
    value: float | None
    low: float | None
    high: float | None


class Figures(Struct):
    name: str
    sent: int
    delivered: int
    clicked: int
    answered: int
    response_rate: Share


class CampaignObject(Struct):
    id: str
    name: str
    kind: Literal["ongoing", "one-off"]
    state: State
    goal: Literal["answer", "review"]
    created_at: datetime
    launched_at: datetime | None


class CampaignDetail(CampaignObject):
    """With its steps and what became of it; `people` counts runs by state."""

    steps: list[StepObject]
    people: dict[str, int]
    whole: Figures
    by_step: list[Figures]
    by_location: list[Figures]


class CampaignPage(Struct):
    data: list[CampaignObject]
    next_cursor: str | None


class CampaignChange(Struct, forbid_unknown_fields=True):
    """`running` launches a draft and resumes a paused one."""

    state: Literal["running", "paused", "cancelled"]


class EnrolmentDraft(Struct, forbid_unknown_fields=True):
    """Without `location`, the customer's that the campaign is for."""

    campaign: str
    customer: str
    location: str | UnsetType = UNSET


class EnrolmentObject(Struct):
    campaign: str
    customer: str
    location: str
    entry: int
    state: Literal["active", "reached", "completed", "left"]
    entered_at: datetime
    next_at: datetime | None
    ended_at: datetime | None
    why_ended: str


class ReasonObject(Struct):
    gate: str
    rule: str
    people: int


class ForecastObject(Struct):
    """One step: how many people it reaches now, later and never, and which gates keep it from the others."""

    step: str
    now: int
    later: int
    never: int
    first_at: datetime | None
    last_at: datetime | None
    waits: list[ReasonObject]
    refusals: list[ReasonObject]


class DryRunObject(Struct):
    """Nothing was stored or sent. `more` people were not looked at; an ongoing campaign is tried on those added
    lately."""

    people: int
    more: bool
    steps: list[ForecastObject]


def decision_of(row: DecisionRow) -> Decision:
    verdicts = [
        Verdict(each.gate, each.rule, each.allowed, each.detail, each.next_eligible_at)
        for each in decisions.verdicts_of(row)
    ]
    moment = row.next_eligible_at
    return Decision(row.gate or None, row.allowed, moment, row.first_at, row.last_at, row.times, verdicts)


def request_of(row: FeedbackRequest, why: list[DecisionRow]) -> RequestObject:
    message: Message | None = getattr(row, "message", None)
    step = row.campaign_step
    return RequestObject(
        id=row.public_id,
        customer=row.customer.public_id,
        location=row.location.public_id,
        template=row.template.public_id,
        campaign=step.campaign.public_id if step else None,
        campaign_step=step.public_id if step else None,
        due_at=row.due_at,
        created_at=row.created_at,
        clicked_at=row.clicked_at,
        answered=row.response_id is not None,
        message=_message(message) if message else None,
        decisions=[decision_of(each) for each in why],
    )


def _message(row: Message) -> MessageObject:
    names = ("id", "channel", "state", "reason", "due_at", "not_after", "sms_segments")
    return MessageObject(**{name: getattr(row, name) for name in names})


def campaign_of(row: CampaignRow) -> CampaignObject:
    return CampaignObject(**_campaign(row))


def detail_of(row: CampaignRow, steps: list[Step], found: Results) -> CampaignDetail:
    return CampaignDetail(
        **_campaign(row),
        steps=[_step(step) for step in steps],
        people=found.people,
        whole=_figures(found.whole),
        by_step=[_figures(each) for each in found.steps],
        by_location=[_figures(each) for each in found.locations],
    )


def _campaign(row: CampaignRow) -> dict[str, Any]:
    names = ("name", "kind", "state", "goal", "created_at", "launched_at")
    return {"id": row.public_id, **{name: getattr(row, name) for name in names}}


def _step(row: Step) -> StepObject:
    names = ("position", "delay_days", "delay_minutes", "delay_from")
    values = {name: getattr(row, name) for name in names}
    return StepObject(id=row.public_id, template=row.template.public_id, channel=row.template.channel, **values)  # type: ignore[arg-type]


def _figures(row: Row) -> Figures:
    rate = Share(row.rate.formula, row.rate.n, row.rate.value, row.rate.low, row.rate.high)
    return Figures(row.label, row.sent, row.delivered, row.clicked, row.answered, rate)


def enrolment_of(row: EnrolmentRow) -> EnrolmentObject:
    names = ("entry", "state", "entered_at", "next_at", "ended_at", "why_ended")
    return EnrolmentObject(
        campaign=row.campaign.public_id,
        customer=row.customer.public_id,
        location=row.location.public_id,
        **{name: getattr(row, name) for name in names},
    )


def dry_run_of(run: DryRun) -> DryRunObject:
    return DryRunObject(run.people, run.more, [_forecast(each) for each in run.steps])


def _forecast(each: Forecast) -> ForecastObject:
    waits, refusals = _reasons(each.waits), _reasons(each.refusals)
    id = each.step.public_id
    return ForecastObject(id, each.now, each.later, each.never, each.first_at, each.last_at, waits, refusals)


def _reasons(reasons: list[Reason]) -> list[ReasonObject]:
    return [ReasonObject(reason.gate, reason.rule, reason.number) for reason in reasons]
