"""Finding feedback requests and templates: the one door to them."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import Account
from campaigns.models import FeedbackRequest, MessageTemplate
from feedback.domain.queries import responses
from feedback.models import Response
from feedbackhub.errors import BadReference, NotFound

RELATED = (
    "account",
    "customer",
    "template",
    "location",
    "campaign_step__campaign",
    "response",
    "response__score",
    "response__comment",
    "response__location",
    "response__customer",
)


def requests_of(account: Account) -> QuerySet[FeedbackRequest]:
    """The account's requests, in no order."""
    return FeedbackRequest.objects.for_account(account)


def alone(rows: QuerySet[FeedbackRequest]) -> QuerySet[FeedbackRequest]:
    """Those that no campaign made."""
    return rows.filter(campaign_step=None)


def answers_shown(rows: QuerySet[Response]) -> QuerySet[Response]:
    """Answers with what lists show, and what asked for them, in the same query."""
    return responses.shown(rows).select_related("feedback_request__campaign_step__campaign")


def answer_for(account: Account, id: str) -> Response:
    """An answer by its public id, as in a list; NotFound otherwise."""
    try:
        return answers_shown(responses.responses_of(account)).get(public_id=id)
    except Response.DoesNotExist:
        raise NotFound("No such feedback.") from None


def shown(rows: QuerySet[FeedbackRequest]) -> QuerySet[FeedbackRequest]:
    """With everything shown beside them, in the same query."""
    return rows.select_related(*RELATED).defer("template__body", "template__text_body")


def request_for(account: Account, id: str) -> FeedbackRequest:
    """A request by its public id; NotFound otherwise."""
    try:
        return shown(requests_of(account)).get(public_id=id)
    except FeedbackRequest.DoesNotExist:
        raise NotFound("No such feedback request.") from None


def templates_of(account: Account) -> QuerySet[MessageTemplate]:
    """The account's templates, oldest first."""
    return MessageTemplate.objects.for_account(account).alive().order_by("created_at", "pk")


def template_reference(account: Account, id: str, *, field: str) -> MessageTemplate:
    """A template that a body names; BadReference when it is not one of the account's."""
    try:
        return templates_of(account).get(public_id=id)
    except MessageTemplate.DoesNotExist:
        raise BadReference(f"No such template: {id[:40]}.", field=field) from None
