"""A location's pages on review platforms."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from accounts.domain.actors import Actor
from accounts.models import Account
from crm.domain import locations
from crm.domain.locations import LocationFields
from crm.models import Location
from feedbackhub.errors import Invalid
from reviews.domain import platforms
from reviews.models import ReviewProfile

# Every respondent is shown all of them.
MOST_PER_LOCATION = 50


@transaction.atomic
def add(*, account: Account, location: Location, url: str, actor: Actor) -> ReviewProfile:
    """The location's profile at this address; the same address twice is one profile."""
    page = platforms.recognise(url)
    profile, _ = ReviewProfile.objects.get_or_create(
        location=location, url=page.url, defaults={"account": account, "platform": page.platform}
    )
    return profile


@transaction.atomic
def create_location(
    *, account: Account, fields: LocationFields, review_profiles: Sequence[str], actor: Actor
) -> Location:
    """A location together with its profiles, or neither."""
    location = locations.create(account=account, fields=fields, actor=actor)
    _add_all(location, review_profiles, actor)
    return location


@transaction.atomic
def update_location(
    *, location: Location, fields: LocationFields, review_profiles: Sequence[str], actor: Actor
) -> Location:
    """Change what is given and add the profiles; those it has stay."""
    location = locations.update(location=location, fields=fields, actor=actor)
    _add_all(location, review_profiles, actor)
    return location


def _add_all(location: Location, urls: Sequence[str], actor: Actor) -> None:
    for url in urls:
        add(account=location.account, location=location, url=url, actor=actor)
    if urls and ReviewProfile.objects.filter(location=location).count() > MOST_PER_LOCATION:
        raise Invalid(f"A location has at most {MOST_PER_LOCATION} review profiles.", field="review_profile")
