"""Reviews as triage rules look at them: their words are here, their stars a record."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.domain.actors import Actor
from accounts.models import Account
from feedback.domain.rules import sorting
from feedback.domain.rules.sittings import Place, Sitting, Source
from feedback.models import FeedbackRecord
from reviews.domain.queries.reviews import reviews_of
from reviews.models import Review


def sort(*, review: Review, actor: Actor) -> None:
    """Make a new review an item if a rule of its account says so, in the transaction that stores it."""
    sorting.sort(sitting=_sitting(review), actor=actor)


def _newest(account: Account, since: datetime, until: datetime, at_most: int) -> list[Sitting]:
    rows = _within(account, since, until).order_by("-reviewed_at", "-pk")
    return [_sitting(review) for review in rows[:at_most]]


def _page(
    account: Account, since: datetime, until: datetime, at_most: int, after: Place | None
) -> tuple[list[Sitting], Place | None]:
    rows = _within(account, since, until)
    if after:
        rows = rows.filter(Q(reviewed_at__gt=after[0]) | Q(reviewed_at=after[0], pk__gt=after[1]))
    found = list(rows.order_by("reviewed_at", "pk")[:at_most])
    ended = (found[-1].reviewed_at, str(found[-1].pk)) if len(found) == at_most else None
    return [_sitting(review) for review in found], ended


def _within(account: Account, since: datetime, until: datetime) -> QuerySet[Review]:
    rows = reviews_of(account).filter(reviewed_at__gte=since, reviewed_at__lt=until)
    return rows.select_related("record", "location", "account")


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


SOURCE = Source(newest=_newest, page=_page)
