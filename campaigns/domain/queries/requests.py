"""Finding feedback requests and templates: the one door to them."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import Account
from campaigns.models import FeedbackRequest, MessageTemplate
from feedbackhub.errors import BadReference, NotFound

RELATED = (
    "account",
    "customer",
    "template",
    "location",
    "response",
    "response__score",
    "response__comment",
    "response__location",
    "response__customer",
)


def requests_of(account: Account) -> QuerySet[FeedbackRequest]:
    """The account's requests, in no order."""
    return FeedbackRequest.objects.for_account(account)


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
