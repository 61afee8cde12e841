"""Locations and their limit."""

from __future__ import annotations

import pytest

from accounts.domain.actors import SYSTEM
from accounts.models import Account
from crm.domain import locations
from crm.models import Location
from crm.signals import location_deleted
from feedbackhub.errors import Invalid, LimitReached, NotFound
from tests.threads import at_once


def create(account: Account, name: str = "Home") -> Location:
    return locations.create(account=account, fields={"name": name, "country_code": "us"}, actor=SYSTEM)


@pytest.mark.django_db(transaction=True)
def test_thirty_at_once_stop_exactly_at_the_limit(account: Account) -> None:
    Account.objects.update(max_locations=7)
    made = at_once(30, lambda number: create(account, f"Place {number}"))
    assert Location.objects.count() == 7
    assert sum(isinstance(one, Location) for one in made) == 7
    assert sum(isinstance(one, LimitReached) for one in made) == 23


def test_a_deleted_location_makes_room(account: Account) -> None:
    Account.objects.update(max_locations=1)
    home = create(account)
    with pytest.raises(LimitReached):
        create(account)
    locations.delete(location=home, actor=SYSTEM)
    create(account)


def test_a_delete_tells_who_listens_and_happens_once(account: Account) -> None:
    home = create(account)
    told: list[Location] = []

    def listen(location: Location, **_: object) -> None:
        told.append(location)

    location_deleted.connect(listen)
    try:
        locations.delete(location=home, actor=SYSTEM)
        with pytest.raises(NotFound):
            locations.delete(location=home, actor=SYSTEM)
    finally:
        location_deleted.disconnect(listen)
    assert told == [home]
    assert Location.objects.get().deleted_at is not None


def test_a_location_has_a_brand_of_its_own(account: Account) -> None:
    fields = {"name": "Home", "country_code": "US", "brand_name": "The Nest", "brand_color": "#0f766e"}
    location = locations.create(account=account, fields=fields, actor=SYSTEM)  # type: ignore[arg-type]
    assert (location.brand_name, location.brand_color, location.from_name) == ("The Nest", "#0f766e", "")
    for name, value in (
        ("brand_color", "teal"),
        ("reply_to", "nobody"),
        ("from_name", "a\nb"),
        ("from_name", "x" * 101),
    ):
        with pytest.raises(Invalid) as refused:
            locations.update(location=location, fields={name: value}, actor=SYSTEM)  # type: ignore[misc]
        assert [problem.name for problem in refused.value.problems] == [name]
