"""What the campaigns' tests start from: SMS now, e-mail three days later, SMS on the seventh."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models.functions import Now

from accounts.domain.actors import SYSTEM
from accounts.models import Account
from campaigns.domain import advance, campaigns, enrolments
from campaigns.domain.campaigns import CampaignFields
from campaigns.domain.steps import StepDraft
from campaigns.models import Campaign, Enrolment, FeedbackRequest, Message
from crm.models import Customer
from tests.campaigns.asking import location_of, somebody, template_of

SEQUENCE = (("sms", 0), ("email", 3), ("sms", 7))


def drafts(account: Account, sequence: Sequence[tuple[str, int]] = SEQUENCE, **more: Any) -> list[StepDraft]:
    return [StepDraft(template=template_of(account, channel), delay_days=days, **more) for channel, days in sequence]


def drafted(
    account: Account, sequence: Sequence[tuple[str, int]] = SEQUENCE, step: dict[str, Any] | None = None, **fields: Any
) -> Campaign:
    location_of(account)
    given = CampaignFields(name="After a visit", **fields)
    return campaigns.create(
        account=account, fields=given, steps=drafts(account, sequence, **(step or {})), actor=SYSTEM
    )


def running(
    account: Account, sequence: Sequence[tuple[str, int]] = SEQUENCE, step: dict[str, Any] | None = None, **fields: Any
) -> Campaign:
    return campaigns.launch(campaign=drafted(account, sequence, step, **fields), actor=SYSTEM)


def entered(campaign: Campaign, customer: Customer | None = None) -> Enrolment:
    who = customer or somebody(campaign.account)
    return enrolments.enrol(campaign=campaign, customer=who, actor=SYSTEM)


def days_pass(days: float) -> None:
    """As if everything about everybody had happened so much earlier."""
    ago = timedelta(days=days)
    for row in Enrolment.objects.all():
        last = row.last_step_at - ago if row.last_step_at else None
        following = row.next_at - ago if row.next_at else None
        Enrolment.objects.filter(pk=row.pk).update(
            entered_at=row.entered_at - ago, last_step_at=last, next_at=following
        )


def hurry() -> None:
    """Everybody is looked at now."""
    Enrolment.objects.filter(state="active").update(next_at=Now())


def go() -> int:
    return advance.run()


def asked(enrolment: Enrolment) -> list[tuple[int, str, str]]:
    """Position, channel and the message's state of each request of a run, in their order."""
    rows = FeedbackRequest.objects.filter(enrolment=enrolment).order_by("pk")
    messages = {row.feedback_request_id: row for row in Message.objects.filter(feedback_request__in=rows)}
    return [(row.campaign_step.position, messages[row.pk].channel, messages[row.pk].state) for row in rows]
