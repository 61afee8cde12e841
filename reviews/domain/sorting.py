"""Reviews as triage rules look at them: their words are here, their stars a record."""

from __future__ import annotations

from datetime import datetime

from accounts.domain.actors import Actor
from accounts.models import Account
from feedback.domain.rules import sorting
from feedback.domain.rules.sittings import Sitting
from feedback.models import FeedbackRecord
from reviews.domain.queries.reviews import reviews_of
from reviews.models import Review


def sort(*, review: Review, actor: Actor) -> None:
    """Make a new review an item if a rule of its account says so, in the transaction that stores it."""
    sorting.sort(sitting=_sitting(review), actor=actor)


def within(account: Account, since: datetime, until: datetime, at_most: int) -> list[Sitting]:
    """For dry runs: the newest reviews of that time."""
    rows = reviews_of(account).filter(reviewed_at__gte=since, reviewed_at__lt=until)
    newest = rows.select_related("record", "location", "account").order_by("-reviewed_at", "-pk")
    return [_sitting(review) for review in newest[:at_most]]


def _sitting(review: Review) -> Sitting:
    return Sitting(
        review.account,
        FeedbackRecord.Contract.REVIEW,
        "",
        review.public_id,
        records=(review.record,) if review.record else (),
        said="\n\n".join(filter(None, (review.title, review.description))),
        at=review.reviewed_at,
        place=review.location,
    )
