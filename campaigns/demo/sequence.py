"""Campaigns with people in every state: under way at each step, through, answered, passed over, taken out."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.demo import asks, words
from campaigns.demo.stage import Stage, backdate
from campaigns.domain import advance, campaigns, enrolments, landing
from campaigns.domain.campaigns import CampaignFields
from campaigns.domain.steps import StepDraft
from campaigns.models import Campaign, Enrolment, FeedbackRequest, MessageTemplate
from crm.domain import customers
from crm.models import Customer

PEOPLE = 36
AT_HOME = 4
# All around the earth, so that it is day in one of them.
ZONES = (
    "America/Los_Angeles",
    "America/New_York",
    "Atlantic/Azores",
    "Europe/Athens",
    "Asia/Karachi",
    "Asia/Singapore",
    "Australia/Sydney",
    "Pacific/Honolulu",
)
# Days after entering, the share of those asked who answer at each, and who goes on being followed afterwards.
SECOND, THIRD = timedelta(days=3), timedelta(days=4)
ANSWERS = ((10, words.HAPPY[1]), (9, ""), (4, words.UNHAPPY[2]), (8, ""))


def prepare(stage: Stage) -> Campaign:
    """Three campaigns: one that runs, one paused, and a one-off draft to try the dry run on."""
    templates = {template.channel: template for template in MessageTemplate.objects.for_account(stage.account).alive()}
    mail, sms = templates["email"], templates["sms"]
    steps = [StepDraft(sms), StepDraft(mail, delay_days=3), StepDraft(sms, delay_days=7)]

    def make(fields: CampaignFields, drafts: list[StepDraft]) -> Campaign:
        return campaigns.create(account=stage.account, fields=fields, steps=drafts, actor=stage.actor)

    main = make(CampaignFields(name="After a visit: SMS, e-mail, SMS"), steps)
    campaigns.launch(campaign=main, actor=stage.actor)
    audience = {"kind": "filter", "country_code": "US", "not_asked_for_days": 30}
    make(CampaignFields(name="Spring survey", kind="one-off", audience=audience), [StepDraft(mail)])
    return main


def play(stage: Stage, campaign: Campaign, people: list[Customer]) -> None:
    """Eight days of it. After the transaction that made the rest: the sender commits for itself."""
    zone = _where_it_is_noon(stage.now)
    for person in people[: PEOPLE - AT_HOME]:
        customers.update(customer=person, fields={"time_zone": zone}, actor=stage.actor)
        person.time_zone = zone
    for person in people[:PEOPLE]:
        enrolments.enrol(campaign=campaign, customer=person, actor=stage.actor)
    runs = list(Enrolment.objects.filter(campaign=campaign).order_by("pk"))
    _a_day(campaign, answers=3)
    customers.delete(customer=runs[25].customer, actor=stage.actor)
    _later(runs[:24], SECOND)
    _a_day(campaign, answers=3)
    _later(runs[:14], THIRD)
    _a_day(campaign, answers=2)
    _paused(stage, people[PEOPLE : PEOPLE + 5])


def _where_it_is_noon(now: datetime) -> str:
    """Nobody is written to at night, and the demo is loaded at any hour: most of these guests come from where it is
    day. Those who stay at home are asked when it is decent there."""
    return min(ZONES, key=lambda zone: abs(now.astimezone(ZoneInfo(zone)).hour - 13))


def _a_day(campaign: Campaign, *, answers: int) -> None:
    """Whoever is due is asked; some answer."""
    advance.run()
    asks.deliver({})
    asked = FeedbackRequest.objects.filter(campaign_step__campaign=campaign, response=None)
    for request, (score, comment) in zip(asked.order_by("-pk")[:answers], ANSWERS, strict=False):
        landing.answer(token=request.landing_token, score=score, comment=comment)


def _later(runs: list[Enrolment], by: timedelta) -> None:
    """The time that passes for them, and all that they have had so far."""
    for run in Enrolment.objects.filter(pk__in=[run.pk for run in runs]):
        last, following = run.last_step_at, run.next_at
        backdate(
            run,
            entered_at=run.entered_at - by,
            last_step_at=last - by if last else None,
            next_at=following - by if following else None,
        )
        for request in FeedbackRequest.objects.filter(enrolment=run).select_related("message"):
            backdate(request, created_at=request.created_at - by, due_at=request.due_at - by)
            for attempt in request.message.attempts.all():
                backdate(attempt, started_at=attempt.started_at - by)


def _paused(stage: Stage, people: list[Customer]) -> None:
    templates = {template.channel: template for template in MessageTemplate.objects.for_account(stage.account).alive()}
    steps = [StepDraft(templates["sms"]), StepDraft(templates["email"], delay_days=5, delay_from="previous")]
    fields = CampaignFields(name="Loyalty club", enters_on_add=False)
    campaign = campaigns.create(account=stage.account, fields=fields, steps=steps, actor=stage.actor)
    campaigns.launch(campaign=campaign, actor=stage.actor)
    for person in people:
        enrolments.enrol(campaign=campaign, customer=person, actor=stage.actor)
    advance.run()
    campaigns.pause(campaign=campaign, actor=stage.actor)
