"""Finding reviews: the one door to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import ExpressionWrapper, F, FloatField, QuerySet

from accounts.models import Account
from feedbackhub.errors import BadReference, NotFound
from reviews.models import Platform, Review

if TYPE_CHECKING:

    class RatedReview(Review):
        """A review with its rating out of 5."""

        rating: float | None

        class Meta:
            abstract = True


BEST = 5.0


def reviews_of(account: Account) -> QuerySet[RatedReview]:
    """The account's reviews with their `rating` out of 5 (None without one); a deleted location hides its own."""
    rating = ExpressionWrapper(F("record__value_number") * BEST / F("record__value_scale"), FloatField())
    rows = Review.objects.for_account(account).filter(location__deleted_at=None)
    rated: QuerySet[RatedReview] = rows.annotate(rating=rating)  # type: ignore[assignment]
    return rated


def shown(rows: QuerySet[RatedReview]) -> QuerySet[RatedReview]:
    """With everything shown beside them, in the same query."""
    return rows.select_related("location", "platform")


def review_for(account: Account, id: str) -> RatedReview:
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
