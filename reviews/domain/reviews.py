"""Taking in reviews that were left elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.domain.actors import Actor, acting
from accounts.models import Account
from crm.domain import texts
from crm.models import Location
from feedback.domain import records
from feedback.domain.records import RecordDraft
from feedback.models import FeedbackRecord
from feedbackhub.errors import Conflict, Invalid
from feedbackhub.ids import new_code
from reviews.domain import sorting
from reviews.models import Platform, Review
from reviews.signals import review_found

BEST = 5.0


@dataclass(frozen=True, kw_only=True)
class ReviewDraft:
    """A review as its platform shows it: words, a rating on the platform's own scale, or both."""

    platform: Platform
    rating: float | None = None
    scale: int = 5
    title: str | None = None
    description: str | None = None
    external_id: str | None = None
    url: str | None = None
    reviewer_name: str | None = None
    reviewer_image: str | None = None
    reviewer_url: str | None = None
    reviewed_at: datetime | None = None


def create(*, account: Account, location: Location, draft: ReviewDraft, actor: Actor) -> Review:
    """Store a review; its rating becomes a record, raw and with its scale, from which scores are computed.

    Raises Invalid for an empty review or a rating off its scale, Conflict when the platform's id is known already.
    """
    title = texts.fit(Review, "title", draft.title)
    description = (draft.description or "").replace("\x00", "").strip() or None
    _check(draft, words=bool(title or description))
    now = timezone.now()
    review = Review(
        public_id=new_code(),
        account=account,
        location=location,
        platform=draft.platform,
        external_id=draft.external_id,
        title=title,
        description=description,
        url=draft.url,
        reviewer_name=texts.fit(Review, "reviewer_name", draft.reviewer_name),
        reviewer_image=draft.reviewer_image,
        reviewer_url=draft.reviewer_url,
        reviewed_at=draft.reviewed_at or now,
    )
    with acting(actor), transaction.atomic():
        if _known(review):
            raise Conflict("This review is here already.", field="external_id")
        if draft.rating is not None:
            review.record = _rate(review, draft, actor)
            review.rating_of_five = draft.rating * BEST / draft.scale
        review.save(force_insert=True)
        sorting.sort(review=review, actor=actor)
        review_found.send(sender=Review, review=review)
    return review


def _check(draft: ReviewDraft, *, words: bool) -> None:
    if draft.rating is None and not words:
        raise Invalid("A review needs a rating or some words.", field="rating")
    if not 1 <= draft.scale <= 100:
        raise Invalid("The scale's top is between 1 and 100.", field="scale")
    if draft.rating is not None and not 0 <= draft.rating <= draft.scale:
        raise Invalid(f"The rating must be between 0 and {draft.scale}.", field="rating")


def _known(review: Review) -> bool:
    # Two imports at once both see nothing: then review_once has the last word.
    if review.external_id is None:
        return False
    same = Review.objects.filter(location=review.location, platform=review.platform)
    return same.filter(external_id=review.external_id).exists()


def _rate(review: Review, draft: ReviewDraft, actor: Actor) -> FeedbackRecord:
    record = RecordDraft(
        contract=FeedbackRecord.Contract.REVIEW,
        submission_id=review.public_id,
        source_type="review",
        source_id=review.platform.public_id,
        source_name=review.platform.name,
        field_id="rating",
        field_type=FeedbackRecord.FieldType.RATING,
        value_number=draft.rating,
        value_scale=draft.scale,
        location_id=review.location_id,
        collected_at=review.reviewed_at,
    )
    return records.create(account=review.account, draft=record, actor=actor)
