"""Finding answers given on landing and kiosk pages: the one door to them."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import Account
from feedback.models import Response
from feedbackhub.errors import NotFound


def responses_of(account: Account) -> QuerySet[Response]:
    """The account's answers, in no order."""
    return Response.objects.for_account(account)


def shown(rows: QuerySet[Response]) -> QuerySet[Response]:
    """With their records, person and place, in the same query."""
    return rows.select_related("score", "comment", "customer", "location")


def response_for(account: Account, id: str) -> Response:
    """An answer by its public id; NotFound otherwise."""
    try:
        return shown(responses_of(account)).get(public_id=id)
    except Response.DoesNotExist:
        raise NotFound("No such feedback.") from None
