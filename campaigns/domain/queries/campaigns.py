"""Finding campaigns, their steps and the people in them: the one door to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet

from accounts.models import Account
from campaigns.models import Campaign, Enrolment, FeedbackRequest, Step
from campaigns.models.campaign import CampaignQuerySet
from feedbackhub import keyset
from feedbackhub.errors import BadReference, NotFound


def campaigns_of(account: Account) -> CampaignQuerySet:
    """The account's campaigns, in no order."""
    return Campaign.objects.for_account(account)


def page(*, account: Account, order: Sequence[str], after: Sequence[Any] | None, limit: int) -> list[Campaign]:
    """Campaigns in the order of a keyset, behind the one last seen."""
    rows = campaigns_of(account)
    if after is not None:
        rows = rows.filter(keyset.behind(order, after))
    return list(rows.order_by(*order)[:limit])


def campaign_for(account: Account, id: str) -> Campaign:
    """A campaign by its public id; NotFound otherwise."""
    try:
        return campaigns_of(account).select_related("account").get(public_id=id)
    except Campaign.DoesNotExist:
        raise NotFound("No such campaign.") from None


def reference(account: Account, id: str, *, field: str) -> Campaign:
    """A campaign that a body or query names; BadReference when it is not one of the account's."""
    try:
        return campaign_for(account, id)
    except NotFound:
        raise BadReference(f"No such campaign: {id[:40]}.", field=field) from None


def step_reference(account: Account, id: str, *, field: str) -> Step:
    """A step that a query names, removed ones included: for looking back."""
    try:
        return Step.objects.get(public_id=id, campaign__account=account)
    except Step.DoesNotExist:
        raise BadReference(f"No such campaign step: {id[:40]}.", field=field) from None


def count_open(account: Account) -> int:
    """What counts against `max_campaigns`: every campaign that is not over, drafts included."""
    return campaigns_of(account).open().count()


def steps_of(campaign: Campaign) -> list[Step]:
    """Its steps in their order, without removed ones."""
    rows = Step.objects.filter(campaign=campaign, removed_at=None).select_related("template")
    return list(rows.order_by("position"))


def enrolments_of(campaign: Campaign) -> QuerySet[Enrolment]:
    """Newest first, with what a list shows."""
    rows = Enrolment.objects.for_account(campaign.account_id).filter(campaign=campaign)
    return rows.select_related("customer", "location", "next_step").order_by("-entered_at", "-pk")


def done_steps(enrolments: Iterable[Enrolment]) -> dict[int, dict[int, int]]:
    """Enrolment id to the steps it has behind it, sent or skipped: step id to position. Two queries."""
    ids = [enrolment.pk for enrolment in enrolments]
    found: dict[int, dict[int, int]] = {id: {} for id in ids}
    asked = FeedbackRequest.objects.filter(enrolment__in=ids, campaign_step__isnull=False)
    for enrolment_id, step_id, position in asked.values_list("enrolment", "campaign_step", "campaign_step__position"):
        found[enrolment_id][step_id] = position
    skipped = Step.objects.filter(decisions__enrolment__in=ids)
    for enrolment_id, step_id, position in skipped.values_list("decisions__enrolment", "pk", "position"):
        found[enrolment_id][step_id] = position
    return found
