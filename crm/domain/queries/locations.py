"""Finding locations: the one door to them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models.functions import Lower

from accounts.models import Account
from crm.models import Location
from crm.models.location import LocationQuerySet
from feedbackhub.errors import BadReference, NotFound


def locations_of(account: Account) -> LocationQuerySet:
    """The account's active locations, in no order."""
    return Location.objects.for_account(account).alive()


def searchable(rows: LocationQuerySet) -> LocationQuerySet:
    """With `name_lower` to filter by, which has an index."""
    return rows.alias(name_lower=Lower("name"))


def count_active(account: Account) -> int:
    """What counts against `max_locations`."""
    return locations_of(account).count()


def location_for(account: Account, id: str) -> Location:
    """An active location by its public id; NotFound otherwise."""
    try:
        return locations_of(account).get(public_id=id)
    except Location.DoesNotExist:
        raise NotFound("No such location.") from None


def active(account: Account, ids: Sequence[str], *, field: str) -> list[Location]:
    """Active locations that a body or query names, in its order; BadReference for any other id."""
    return _named(locations_of(account), ids, field)


def known(account: Account, ids: Sequence[str], *, field: str) -> list[Location]:
    """As `active`, deleted ones included: for taking somebody out of one and for looking back."""
    return _named(Location.objects.for_account(account), ids, field)


def _named(rows: LocationQuerySet, ids: Sequence[str], field: str) -> list[Location]:
    found = {location.public_id: location for location in rows.filter(public_id__in=ids)} if ids else {}
    missing = [id for id in ids if id not in found]
    if missing:
        raise BadReference(f"No such location: {missing[0][:40]}.", field=field)
    return [found[id] for id in dict.fromkeys(ids)]
