"""Taking in reviews."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accounts.domain.actors import SYSTEM
from accounts.models import Account
from crm.models import Location
from feedback.models import FeedbackRecord
from feedbackhub.errors import Conflict, Invalid
from reviews.domain import reviews
from reviews.domain.queries.reviews import review_for
from reviews.domain.reviews import ReviewDraft
from reviews.models import Platform, Review


@pytest.fixture
def home(account: Account) -> Location:
    return Location.objects.create(account=account, name="Home", country_code="US")


@pytest.fixture
def draft(db: None) -> ReviewDraft:
    site = Platform.objects.create(slug="solicitor-reviews", name="Solicitor Reviews")
    return ReviewDraft(platform=site, rating=9, scale=10, description="Good", external_id="r1")


def test_a_rating_is_kept_raw_with_its_scale_and_shown_out_of_five(
    account: Account, home: Location, draft: ReviewDraft
) -> None:
    review = reviews.create(account=account, location=home, draft=draft, actor=SYSTEM)
    record = FeedbackRecord.objects.get()
    assert (record.contract, record.field_type, record.value_number, record.value_scale) == ("review", "rating", 9, 10)
    assert (record.submission_id, record.location) == (review.public_id, home)
    assert review_for(account, review.public_id).rating_of_five == 4.5


def test_words_alone_are_a_review_without_a_rating(account: Account, home: Location, draft: ReviewDraft) -> None:
    review = reviews.create(account=account, location=home, draft=replace(draft, rating=None), actor=SYSTEM)
    assert review_for(account, review.public_id).rating_of_five is None
    assert not FeedbackRecord.objects.exists()


def test_a_review_that_is_here_already_is_a_conflict(account: Account, home: Location, draft: ReviewDraft) -> None:
    reviews.create(account=account, location=home, draft=draft, actor=SYSTEM)
    with pytest.raises(Conflict):
        reviews.create(account=account, location=home, draft=draft, actor=SYSTEM)
    assert Review.objects.count() == FeedbackRecord.objects.count() == 1


@pytest.mark.parametrize(
    "wrong", [{"rating": 11.0}, {"rating": -1.0}, {"scale": 0}, {"scale": 101}, {"rating": None, "description": " "}]
)
def test_what_cannot_be_a_review_is_refused(
    account: Account, home: Location, draft: ReviewDraft, wrong: dict[str, float | None]
) -> None:
    with pytest.raises(Invalid):
        reviews.create(account=account, location=home, draft=replace(draft, **wrong), actor=SYSTEM)
    assert not Review.objects.exists()
