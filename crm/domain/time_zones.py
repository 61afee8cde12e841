"""Where it may be, what time it is for a person."""

from __future__ import annotations

from accounts.models.account import time_zone_names
from crm.domain import phones
from crm.models import Customer, Location
from feedbackhub.errors import Invalid


def parse(name: str, *, field: str = "time_zone") -> str:
    """The zone's name; blank stays blank (unknown)."""
    zone = name.strip()
    if zone and zone not in time_zone_names():
        raise Invalid("Use a time zone name such as America/New_York.", field=field)
    return zone


def candidates(*, customer: Customer, location: Location | None = None) -> tuple[str, ...]:
    """The zones the person may be in, from the best source that says anything.

    Their own, else the location's, else every zone of the phone prefix, else the account's. With several, a decent
    hour must be decent in all of them.
    """
    if customer.time_zone:
        return (customer.time_zone,)
    if location is not None and location.time_zone:
        return (location.time_zone,)
    zones = phones.time_zones(customer.mobile_number) if customer.mobile_number else ()
    return zones or (customer.account.time_zone,)
