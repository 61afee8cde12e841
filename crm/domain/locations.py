"""Creating, changing and deleting locations."""

from __future__ import annotations

from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.domain import limits
from accounts.domain.actors import Actor
from accounts.models import Account
from crm.domain import countries, texts, time_zones
from crm.domain.queries import locations
from crm.models import Location
from crm.signals import location_deleted
from feedbackhub.errors import Invalid, NotFound
from feedbackhub.texts import is_one_line


class LocationFields(TypedDict, total=False):
    """What a caller says about a location; absent is unchanged, None is nothing."""

    name: str | None
    address_line_1: str | None
    address_line_2: str | None
    address_line_3: str | None
    postal_code: str | None
    country_code: str | None
    time_zone: str | None
    brand_name: str | None
    brand_color: str | None
    from_name: str | None
    reply_to: str | None


def create(*, account: Account, fields: LocationFields, actor: Actor) -> Location:
    """LimitReached at the account's max_locations, however many ask at once."""
    location = Location(account=account)
    _apply(location, {"name": None, "country_code": None, **fields})
    with limits.locked(account) as current:
        limits.require_room(current, "max_locations", taken=locations.count_active(current))
        location.save(force_insert=True)
    return location


@transaction.atomic
def update(*, location: Location, fields: LocationFields, actor: Actor) -> Location:
    location = _locked(location)
    changed = _apply(location, fields)
    if changed:
        location.save(update_fields=changed)
    return location


@transaction.atomic
def delete(*, location: Location, actor: Actor) -> None:
    """Soft: what was said about it stays; its campaigns and pages stop, its reviews are hidden."""
    location = _locked(location)
    location.deleted_at = timezone.now()
    location.save(update_fields=["deleted_at"])
    location_deleted.send(sender=Location, location=location, actor=actor)


def _locked(location: Location) -> Location:
    """The row as it is now, until the transaction ends."""
    try:
        return Location.objects.alive().select_for_update(no_key=True).get(pk=location.pk)
    except Location.DoesNotExist:
        raise NotFound("No such location.") from None


def _apply(location: Location, fields: LocationFields) -> list[str]:
    """Set what is given on the row; the names of the columns that changed."""
    before = {name: getattr(location, name) for name in fields}
    for name in ("address_line_1", "address_line_2", "address_line_3", "postal_code"):
        if name in fields:
            setattr(location, name, texts.fit(Location, name, fields[name]))
    if "name" in fields:
        location.name = _required(texts.fit(Location, "name", fields["name"]), "name")
    if "country_code" in fields:
        location.country_code = countries.parse(_required(fields["country_code"], "country_code"))
    if "time_zone" in fields:
        location.time_zone = time_zones.parse(fields["time_zone"] or "")
    _brand(location, fields)
    return [name for name in fields if getattr(location, name) != before[name]]


def _brand(location: Location, fields: LocationFields) -> None:
    """Names go into the head of a mail, so they are one line; colour and address as the columns say."""
    for name in ("brand_name", "from_name", "brand_color", "reply_to"):
        if name in fields:
            value = (fields[name] or "").strip()
            if not is_one_line(value):
                raise Invalid("Use printable characters on one line.", field=name)
            column: Any = Location._meta.get_field(name)
            try:
                setattr(location, name, column.clean(value, location))
            except ValidationError as error:
                raise Invalid(" ".join(error.messages), field=name) from None


def _required(value: str | None, field: str) -> str:
    if not value:
        raise Invalid("This is required.", field=field)
    return value
