"""Finding answers given on landing and kiosk pages: the one door to them."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import Account
from feedback.models import Response


def responses_of(account: Account) -> QuerySet[Response]:
    """The account's answers, in no order."""
    return Response.objects.for_account(account)


def shown(rows: QuerySet[Response]) -> QuerySet[Response]:
    """With their records, person and place, in the same query."""
    return rows.select_related("score", "comment", "customer", "location")
