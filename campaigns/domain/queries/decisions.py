"""Reading the decision ledger."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from campaigns.domain.queries import campaigns
from campaigns.models import Decision, Enrolment, FeedbackRequest, Message, Step


@dataclass(frozen=True)
class StepStory:
    """What one step came to for one person: its request, or the decision that there is none, or neither yet."""

    step: Step
    request: FeedbackRequest | None
    decisions: list[Decision]


def of_message(*, message: Message) -> list[Decision]:
    """Oldest first."""
    return list(_of_account(message.account_id).filter(message=message).order_by("last_at", "pk"))


def of_request(*, request: FeedbackRequest) -> list[Decision]:
    """As of its message; a request that sends nothing has none."""
    rows = _of_account(request.account_id).filter(message__feedback_request=request)
    return list(rows.order_by("last_at", "pk"))


def of_enrolment(*, enrolment: Enrolment) -> list[StepStory]:
    """Every step of the campaign in order, removed ones that did something included. Four queries."""
    asked = FeedbackRequest.objects.filter(enrolment=enrolment).select_related("campaign_step__template", "message")
    requests = {request.campaign_step_id: request for request in asked.order_by("pk")}
    about_messages = _of_account(enrolment.account_id).filter(message__feedback_request__enrolment=enrolment)
    about_steps = _of_account(enrolment.account_id).filter(enrolment=enrolment)
    found: dict[int | None, list[Decision]] = {}
    for row in about_messages.select_related("message").order_by("last_at", "pk"):
        found.setdefault(row.message.campaign_step_id if row.message else None, []).append(row)
    steps = {step.pk: step for step in campaigns.steps_of(enrolment.campaign)}
    for row in about_steps.select_related("step__template").order_by("last_at", "pk"):
        found.setdefault(row.step_id, []).append(row)
        if row.step is not None:
            steps.setdefault(row.step.pk, row.step)
    for request in requests.values():
        if request.campaign_step is not None:
            steps.setdefault(request.campaign_step.pk, request.campaign_step)
    in_order = sorted(steps.values(), key=lambda step: (step.position, step.pk))
    return [StepStory(step, requests.get(step.pk), found.get(step.pk, [])) for step in in_order]


def _of_account(account_id: int) -> QuerySet[Decision]:
    return Decision.objects.for_account(account_id)
