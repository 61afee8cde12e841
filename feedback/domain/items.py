"""Items: what somebody said that wants a decision. Their life afterwards is feedback/domain/triage.py."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.domain import actors
from accounts.domain.actors import Actor
from accounts.models import Account, User
from crm.domain import identities
from crm.models import Customer, Location
from feedback.domain import arrivals
from feedback.domain.sla import clocks
from feedback.models import Evidence, FeedbackItem, FeedbackRecord, ServiceTarget
from feedbackhub.errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDraft:
    """What was said, where and with what; lengths are the caller's contract, the table has the last word."""

    message: str
    channel: FeedbackItem.Channel
    type: str = FeedbackItem.Type.OTHER
    area: str | None = None
    route: str | None = None
    allow_contact: bool = False
    user_agent: str | None = None
    client_version: str | None = None
    customer: Customer | None = None
    location: Location | None = None
    submitted_by: User | None = None
    origin: UUID | None = None
    # None: the account's usual one, if it has one.
    target: ServiceTarget | None = None
    # Whether it may join a group by itself; not where each has to be looked at.
    joins: bool = True


def create(
    *, account: Account, draft: ItemDraft, actor: Actor, evidence: Iterable[FeedbackRecord] = ()
) -> FeedbackItem:
    """Store an item with its snapshots: how the business and the submitter were at this moment, whatever comes.

    What repeats something joins it (arrivals.py); what is returned is the item at its birth.
    """
    if not draft.message.strip():
        raise Invalid("The message must not be blank.", field="message")
    apart = ("target", "joins")
    given = {name: getattr(draft, name) for name in draft.__dataclass_fields__ if name not in apart}
    given |= clocks.begun(account=account, target=draft.target, now=timezone.now())
    if draft.customer is None and draft.submitted_by is not None:
        email = draft.submitted_by.email
        given["customer_id"] = identities.customer_id(account=account, kind="", value=email)
        del given["customer"]
    with transaction.atomic(), actors.acting(actor):
        item = FeedbackItem.objects.create(
            account=account,
            server_version=settings.VERSION,
            environment=settings.ENVIRONMENT,
            plan_snapshot=account.plan or None,
            business_name_snapshot=account.name,
            user_email_snapshot=draft.submitted_by.email if draft.submitted_by else None,
            user_name_snapshot=(draft.submitted_by.name or None) if draft.submitted_by else None,
            **given,
        )
        Evidence.objects.bulk_create(Evidence(item=item, record=record) for record in evidence)
        if draft.joins:
            arrivals.join(item=item)
    return item
