"""A location's pages on review platforms."""

from __future__ import annotations

import pytest

from accounts.domain.actors import SYSTEM
from accounts.models import Account
from crm.models import Location
from feedbackhub.errors import Invalid
from reviews.domain import profiles
from reviews.models import ReviewProfile

PAGES = [f"https://reviews.example.com/{number}" for number in range(profiles.MOST_PER_LOCATION + 1)]


@pytest.fixture
def home(account: Account) -> Location:
    return Location.objects.create(account=account, name="Home", country_code="US")


def test_as_many_pages_as_a_location_may_have_are_taken(account: Account, home: Location):
    profiles.update_location(location=home, fields={}, review_profiles=PAGES[:-1], actor=SYSTEM)
    assert ReviewProfile.objects.filter(location=home).count() == profiles.MOST_PER_LOCATION


def test_one_page_more_is_refused_with_all_of_the_call(account: Account, home: Location):
    with pytest.raises(Invalid) as caught:
        profiles.update_location(location=home, fields={"name": "New"}, review_profiles=PAGES, actor=SYSTEM)
    home.refresh_from_db()
    assert ([each.name for each in caught.value.problems], home.name) == (["review_profile"], "Home")
    assert not ReviewProfile.objects.exists()
