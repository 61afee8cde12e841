"""Who may be the same person as a customer, and why one would think so.

Equal addresses and equal ids cannot be two customers' (constraints see to that), so these are what is left: one mailbox
written in two ways, an address or an id of one that the other is known under, one name at one place or company.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower

from crm.domain.queries.customers import customers_of
from crm.models import Customer, CustomerLocation, Identity
from crm.models.customer import CustomerQuerySet

LIMIT = 5
# Hosts that ignore dots in the part before the @.
_DOTLESS = ("gmail.com", "googlemail.com")


Guess = tuple[CustomerQuerySet | None, str]


@dataclass(frozen=True)
class Alike:
    customer: Customer
    why: str


def of(*, customer: Customer, limit: int = LIMIT) -> list[Alike]:
    """The likeliest first: four queries at most."""
    found: dict[int, Alike] = {}
    for rows, why in (_by_mailbox(customer), _by_id(customer), _by_name(customer)):
        if rows is not None:
            for row in rows.exclude(pk=customer.pk).order_by("pk")[:limit]:
                found.setdefault(row.pk, Alike(row, why))
    return list(found.values())[:limit]


def mailbox(email: str) -> str:
    """Where mail to an address ends up: without a tag, and without dots where they mean nothing."""
    local, _, host = email.lower().rpartition("@")
    plain = local.partition("+")[0]
    return f"{plain.replace('.', '') if host in _DOTLESS else plain}@{host}"


def _by_mailbox(customer: Customer) -> Guess:
    why = "The same mailbox"
    if not customer.email:
        return None, why
    own, box = customer.email.lower(), mailbox(customer.email)
    untagged = f"{own.rpartition('@')[0].partition('+')[0]}@{own.rpartition('@')[2]}"
    given = {box, untagged} - {own}
    if not given:
        return None, why
    rows = customers_of(customer.account).alias(email_lower=Lower("email"))
    return rows.filter(email_lower__in=sorted(given)), why


def _by_id(customer: Customer) -> Guess:
    """Known under an id of one's, or under an address of one's."""
    values = set(Identity.objects.filter(customer=customer).values_list("value", flat=True)[:100])
    addresses = {one for one in (customer.email and customer.email.lower(), customer.mobile_number) if one}
    known = Identity.objects.for_account(customer.account_id).filter(value__in=values | addresses)
    rows = customers_of(customer.account).alias(email_lower=Lower("email"))
    by_value = Q(pk__in=known.values("customer")) | Q(mobile_number__in=values) | Q(email_lower__in=values)
    return rows.filter(by_value), "The same id or address"


def _by_name(customer: Customer) -> Guess:
    why = "The same name at the same place"
    if not customer.fname or not customer.sname:
        return None, why
    rows = customers_of(customer.account).alias(first=Lower("fname"), last=Lower("sname"))
    rows = rows.filter(first=customer.fname.lower(), last=customer.sname.lower())
    mine = CustomerLocation.objects.filter(customer=customer).values("location")
    here = Exists(CustomerLocation.objects.filter(customer=OuterRef("pk"), location__in=mine))
    colleague = Q(company=customer.company_id) if customer.company_id else Q(pk=None)
    return rows.filter(Q(here) | colleague), why
