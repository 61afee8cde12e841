"""Finding reviews: the one door to them."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import Account
from feedbackhub.errors import BadReference, NotFound
from reviews.models import Platform, Review


def reviews_of(account: Account) -> QuerySet[Review]:
    """The account's reviews; a deleted location hides its own."""
    return Review.objects.for_account(account).filter(location__deleted_at=None)


def shown(rows: QuerySet[Review]) -> QuerySet[Review]:
    """With everything shown beside them, in the same query."""
    return rows.select_related("location", "platform")


def review_for(account: Account, id: str) -> Review:
    """A review by its public id; NotFound otherwise."""
    try:
        return shown(reviews_of(account)).get(public_id=id)
    except Review.DoesNotExist:
        raise NotFound("No such review.") from None


def platform_reference(account: Account, id: str, *, field: str) -> Platform:
    """A platform by its public id, whoever uses it: which sites exist is public. BadReference otherwise."""
    try:
        return Platform.objects.get(public_id=id)
    except Platform.DoesNotExist:
        raise BadReference(f"No such platform: {id[:40]}.", field=field) from None
