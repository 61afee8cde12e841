"""Adding, changing and removing the people of an account."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any, TypedDict

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.domain.actors import Actor
from accounts.models import Account
from crm.domain import countries, emails, phones, suppressions, texts, time_zones
from crm.domain.locks import address_locks
from crm.models import Company, Customer, CustomerLocation, Location
from crm.models.customer import CustomerQuerySet
from crm.signals import customer_added, customer_deleted
from feedbackhub.errors import Invalid, NotFound, Refused


class CustomerFields(TypedDict, total=False):
    """What a caller says about a person; absent is unchanged, None is nothing."""

    email: str | None
    mobile_number: str | None
    fname: str | None
    sname: str | None
    country_code: str | None
    time_zone: str | None
    language: str | None
    company: Company | None
    internal: bool
    properties: dict[str, Any]
    opt_out: bool


@transaction.atomic
def upsert(
    *,
    account: Account,
    fields: CustomerFields,
    locations: Sequence[Location] = (),
    enters: bool = True,
    actor: Actor,
) -> Customer:
    """The person with this e-mail or number, added, changed, or brought back after a delete.

    A returning person keeps their row, so campaigns they finished stay finished. Refused when e-mail and number
    belong to two people. Without `enters` nobody hears of the locations: no campaign takes them in.
    """
    values = _cleaned(fields, _dialling_country(fields, None, locations))
    _require_address(values.get("email"), values.get("mobile_number"))
    customer = _claim(account, values)
    if customer is None:
        customer = Customer(account=account, **values)
        customer.save(force_insert=True)
    else:
        _write(customer, {**values, "deleted_at": None})
    _finish(customer, fields, locations, (), actor, enters=enters)
    return customer


def add_unreachable(*, account: Account, fields: CustomerFields) -> Customer:
    """A person without any address, known by an external id only (crm.domain.identities)."""
    return Customer.objects.create(account=account, **_cleaned(fields, None))


@transaction.atomic
def update(
    *,
    customer: Customer,
    fields: CustomerFields,
    locations_add: Sequence[Location] = (),
    locations_remove: Sequence[Location] = (),
    enters: bool = True,
    actor: Actor,
) -> Customer:
    """Change what is given. Refused when an address belongs to somebody else; one address must remain."""
    values = _cleaned(fields, _dialling_country(fields, customer, locations_add))
    address_locks(customer.account_id, [values.get("email"), values.get("mobile_number")])
    customer = _locked(customer)
    if other := _owners(customer.account, values).exclude(pk=customer.pk).first():
        raise _others(other, values)
    email = values.get("email", customer.email)
    mobile_number = values.get("mobile_number", customer.mobile_number)
    if {"email", "mobile_number"} & values.keys():
        _require_address(email, mobile_number)
    _write(customer, values)
    _finish(customer, fields, locations_add, locations_remove, actor, enters=enters)
    return customer


@transaction.atomic
def delete(*, customer: Customer, actor: Actor) -> None:
    """Soft: the row stays and keeps its addresses, so that adding the person again does not start campaigns anew."""
    address_locks(customer.account_id, [customer.email, customer.mobile_number])
    customer = _locked(customer)
    customer.deleted_at = timezone.now()
    customer.save(update_fields=["deleted_at", "updated_at"])
    customer_deleted.send(sender=Customer, customer=customer, actor=actor)


def found_by(*, account: Account, email: str | None, mobile_number: str | None) -> Customer | None:
    """Who has one of these addresses, as they are stored; a deleted one is nobody. Refused when they are two."""
    values = {"email": email, "mobile_number": mobile_number}
    owners = list(_owners(account, values).alive().order_by("pk")[:2])
    if len(owners) > 1:
        raise _taken(owners[0], owners[1], values)
    return owners[0] if owners else None


def _claim(account: Account, values: dict[str, Any]) -> Customer | None:
    """The row these addresses belong to, locked; nobody else can add one for them until we commit."""
    address_locks(account, [values.get("email"), values.get("mobile_number")])
    owners = list(_owners(account, values).select_for_update(no_key=True, of=("self",)).order_by("pk"))
    if len(owners) > 1:
        raise _taken(owners[0], owners[1], values)
    return owners[0] if owners else None


def _owners(account: Account, values: dict[str, Any]) -> CustomerQuerySet:
    """Whoever has one of the addresses, deleted ones included: a deleted row keeps its addresses."""
    about = []
    if email := values.get("email"):
        about.append(Q(address=email.lower()))
    if mobile_number := values.get("mobile_number"):
        about.append(Q(mobile_number=mobile_number))
    if not about:
        return Customer.objects.none()
    rows = Customer.objects.for_account(account).filter(merged_into=None).alias(address=Lower("email"))
    return rows.filter(reduce(or_, about))


def _taken(one: Customer, other: Customer, values: dict[str, Any]) -> Refused:
    number = values.get("mobile_number")
    field = "mobile_number" if number and number in (one.mobile_number, other.mobile_number) else "email"
    return Refused(
        f"The e-mail and the mobile number belong to two customers, {one.public_id} and {other.public_id}. "
        "Send the one address that tells which is meant, or change the other customer first.",
        field=field,
        details={"customers": [one.public_id, other.public_id]},
    )


def _others(owner: Customer, values: dict[str, Any]) -> Refused:
    is_number = values.get("mobile_number") not in (None, "") and values["mobile_number"] == owner.mobile_number
    field, what = ("mobile_number", "mobile number") if is_number else ("email", "e-mail")
    # A deleted one keeps its addresses, and is changed only once it is back.
    first = "Change that one first." if owner.deleted_at is None else "Add that one again by it and change it first."
    gone = "another" if owner.deleted_at is None else "a deleted"
    return Refused(
        f"This {what} belongs to {gone} customer, {owner.public_id}. {first}",
        field=field,
        details={"customers": [owner.public_id]},
    )


def _locked(customer: Customer) -> Customer:
    """The row as it is now, until the transaction ends."""
    try:
        return Customer.objects.alive().select_for_update(no_key=True, of=("self",)).get(pk=customer.pk)
    except Customer.DoesNotExist:
        raise NotFound("No such customer.") from None


def _write(customer: Customer, values: dict[str, Any]) -> None:
    changed = [name for name, value in values.items() if getattr(customer, name) != value]
    for name in changed:
        setattr(customer, name, values[name])
    if changed:
        customer.save(update_fields=[*changed, "updated_at"])


def _finish(
    customer: Customer,
    fields: CustomerFields,
    locations_add: Sequence[Location],
    locations_remove: Sequence[Location],
    actor: Actor,
    *,
    enters: bool,
) -> None:
    """What is kept beside the row: where the person belongs, and whether they may be written to."""
    links = [CustomerLocation(customer=customer, location=location) for location in locations_add]
    if links:
        CustomerLocation.objects.bulk_create(links, ignore_conflicts=True)
    if locations_remove:
        CustomerLocation.objects.filter(customer=customer, location__in=locations_remove).delete()
    if "opt_out" in fields:
        change = suppressions.opt_out if fields["opt_out"] else suppressions.opt_in
        change(customer=customer, actor=actor)
    if locations_add and enters:
        # Last: whoever says no in the same breath is not asked.
        customer_added.send(sender=Customer, customer=customer, locations=locations_add)


def _dialling_country(fields: CustomerFields, customer: Customer | None, locations: Sequence[Location]) -> str | None:
    """The country a number without + is dialled in."""
    said = fields.get("country_code") or (customer.country_code if customer else None)
    if said:
        return countries.parse(said)
    return locations[0].country_code if locations else None


def _cleaned(fields: CustomerFields, dialling_country: str | None) -> dict[str, Any]:
    """Column values from what was said; Invalid names the field at fault."""
    values: dict[str, Any] = {}
    if "email" in fields:
        values["email"] = emails.parse(email) if (email := (fields["email"] or "").strip()) else None
    if "mobile_number" in fields:
        number = (fields["mobile_number"] or "").strip()
        values["mobile_number"] = phones.parse(number, dialling_country) if number else None
    if "fname" in fields:
        values["fname"] = texts.fit(Customer, "fname", fields["fname"])
    if "sname" in fields:
        values["sname"] = texts.fit(Customer, "sname", fields["sname"])
    if "country_code" in fields:
        values["country_code"] = countries.parse(code) if (code := (fields["country_code"] or "").strip()) else None
    if "time_zone" in fields:
        values["time_zone"] = time_zones.parse(fields["time_zone"] or "")
    if "language" in fields:
        values["language"] = texts.fit(Customer, "language", fields["language"]) or ""
    values.update({name: value for name, value in fields.items() if name in ("company", "internal", "properties")})
    return values


def _require_address(email: str | None, mobile_number: str | None) -> None:
    if not email and not mobile_number:
        raise Invalid("Give an email or a mobile_number.", field="email")
