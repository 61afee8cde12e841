"""Feedback and feedback requests as FeedbackAPI writes them."""

from __future__ import annotations

from typing import Any, Literal, TypedDict, cast

from django.db.models import Q

from accounts.models import Account
from campaigns.domain import links
from campaigns.domain.queries import campaigns, requests
from campaigns.models import Campaign, FeedbackRequest, MessageTemplate, Step
from crm.domain.queries import customers, locations
from crm.models import Customer, Location
from feedback.domain import responses
from feedback.models import Response
from feedbackhub.api.feedbackapi import filters
from feedbackhub.api.feedbackapi.arguments import Argument, as_boolean, boolean, text, timestamp
from feedbackhub.api.feedbackapi.filters import Filter
from feedbackhub.api.feedbackapi.lists import Listing, Sort
from feedbackhub.api.feedbackapi.shapes import Moment

Kind = Response.Kind
# From an answer to the step that asked for it.
ASKED = "feedback_request__campaign_step"
# The document says csat once and happy everywhere else: happy goes out, both are understood.
KINDS = {"star-rating": Kind.STAR_RATING, "nps": Kind.NPS, "happy": Kind.HAPPY, "csat": Kind.HAPPY}


def _customer(account: Account, id: str, name: str) -> Customer:
    return customers.known(account, id, field=name)


def _location(account: Account, id: str, name: str) -> Location:
    return locations.known(account, [id], field=name)[0]


def _template(account: Account, id: str, name: str) -> MessageTemplate:
    return requests.template_reference(account, id, field=name)


def _campaign(account: Account, id: str, name: str) -> Campaign:
    return campaigns.reference(account, id, field=name)


def _step(account: Account, id: str, name: str) -> Step:
    return campaigns.step_reference(account, id, field=name)


def _happy(account: Account, name: str, value: str) -> Q:
    return Q(kind=Kind.HAPPY, score__value_boolean=as_boolean(name, value))


def _score(wire: str, kind: Kind, low: int, high: int) -> dict[str, Filter]:
    """Both bounds under both spellings: nps_score and nps-score."""
    scale: dict[str, Any] = {"low": low, "high": high, "only": Q(kind=kind), "whole": True}
    below = filters.number("score__value_number__lte", description=f"{wire} not above this.", **scale)
    above = filters.number("score__value_number__gte", description=f"{wire} not below this.", **scale)
    found: dict[str, Filter] = {}
    for name in (wire, wire.replace("_", "-")):
        found |= {f"{name}_less_than": below, f"{name}_greater_than": above}
    return found


FEEDBACK = Listing(
    filters={
        **filters.span("created", "created_at"),
        "type": filters.one_of("kind", KINDS, "Kind of feedback; csat means happy."),
        **_score("nps_score", Kind.NPS, 0, 10),
        **_score("star_rating", Kind.STAR_RATING, 1, 5),
        "happy": Filter(_happy, {"type": "boolean"}, "Whether the person was happy; only feedback of that type."),
        "subscriber": filters.reference("customer", _customer, "Id of the customer who left it."),
        "location": filters.reference("location", _location, "Id of the location it is about."),
        "campaign": filters.reference(f"{ASKED}__campaign", _campaign, "Id of the campaign that asked."),
        "campaign_step": filters.reference(ASKED, _step, "Id of the campaign step that asked."),
    },
    sorts={
        "created": Sort("created_at"),
        "type": Sort("kind"),
        "platform_name": Sort("platform_name", nullable=True),
    },
)

CREATE: dict[str, Argument] = {
    "subscriber": text("Id of the customer to ask.", required=True),
    "template": text("Id of the message template.", required=True),
    "location": text("Id of the location to ask about; may be left out when the customer has exactly one."),
    "due": timestamp("When to send: epoch seconds or ISO 8601 with a zone. Now when left out."),
    "suppress_message": boolean("Make the link only and send nothing."),
}

REQUESTS = Listing(
    filters={
        **filters.span("created", "created_at"),
        **filters.span("due", "due_at"),
        **filters.span("updated", "updated_at"),
        "subscriber": filters.reference("customer", _customer, "Id of the customer it was sent to."),
        "template": filters.reference("template", _template, "Id of the message template."),
        "location": filters.reference("location", _location, "Id of the location it asks about."),
        "message_opened": filters.flag(lambda _: Q(opened_at__isnull=False), "Whether the message was opened."),
        "message_clicked": filters.flag(lambda _: Q(clicked_at__isnull=False), "Whether its link was followed."),
        "message_bounced": filters.flag(lambda _: Q(bounced_at__isnull=False), "Whether the message bounced."),
        "spam_complaint": filters.flag(lambda _: Q(complained_at__isnull=False), "Whether it was reported as spam."),
    },
    sorts={"created": Sort("created_at"), "due": Sort("due_at"), "updated": Sort("updated_at")},
)


FeedbackType = Literal["nps", "star-rating", "happy"]
RequestType = Literal["email", "sms", "suppressed"]

# Hyphens are no identifiers, hence the functional form.
FeedbackObject = TypedDict(
    "FeedbackObject",
    {
        "id": str,
        "created": Moment,
        "type": FeedbackType,
        "nps-score": int | None,
        "nps_score": int | None,
        "star-rating": int | None,
        "star_rating": int | None,
        "happy": bool | None,
        "comments": str | None,
        "platform_name": str | None,
        "subscriber": str | None,
        "subscriber_name": str | None,
        "subscriber_email": str | None,
        "location": str | None,
        "campaign": str | None,
        "campaign_step": str | None,
    },
)


class FeedbackRequestObject(TypedDict):
    """A request for feedback; `feedback` nests the answer."""

    id: str
    created: Moment
    due: Moment
    updated: Moment
    subscriber: str
    template: str
    location: str
    type: RequestType
    message_opened: bool
    message_clicked: bool
    message_bounced: bool
    bounce_reason: str | None
    spam_complaint: bool
    full_url: str
    branded_url: str
    feedback: FeedbackObject | None


def render_feedback(response: Response) -> FeedbackObject:
    """The score keys in both spellings: the samples print hyphens, the attribute lists underscores."""
    asked: FeedbackRequest | None = getattr(response, "feedback_request", None)
    step = asked.campaign_step if asked else None
    score = responses.score_of(response)
    nps = score if response.kind == Kind.NPS else None
    stars = score if response.kind == Kind.STAR_RATING else None
    customer = response.customer
    return {
        "id": response.public_id,
        "created": response.created_at,
        "type": cast(FeedbackType, response.kind),
        "nps-score": nps,
        "nps_score": nps,
        "star-rating": stars,
        "star_rating": stars,
        "happy": bool(score) if response.kind == Kind.HAPPY else None,
        "comments": response.comment.value_text if response.comment else None,
        "platform_name": response.platform_name,
        "subscriber": customer.public_id if customer else None,
        "subscriber_name": (customer.full_name or None) if customer else None,
        "subscriber_email": customer.email if customer else None,
        "location": response.location.public_id if response.location else None,
        "campaign": step.campaign.public_id if step else None,
        "campaign_step": step.public_id if step else None,
    }


def render_request(request: FeedbackRequest) -> FeedbackRequestObject:
    return {
        "id": request.public_id,
        "created": request.created_at,
        "due": request.due_at,
        "updated": request.updated_at,
        "subscriber": request.customer.public_id,
        "template": request.template.public_id,
        "location": request.location.public_id,
        "type": "suppressed" if request.suppressed else cast(RequestType, request.template.channel),
        "message_opened": request.opened_at is not None,
        "message_clicked": request.clicked_at is not None,
        "message_bounced": request.bounced_at is not None,
        "bounce_reason": request.bounce_reason,
        "spam_complaint": request.complained_at is not None,
        "full_url": links.full_url(request),
        "branded_url": links.branded_url(request),
        "feedback": render_feedback(request.response) if request.response else None,
    }
