"""Finding customers: the one door to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Lower

from accounts.models import Account
from crm.models import Customer, CustomerLocation
from crm.models.customer import CustomerQuerySet
from feedbackhub.errors import BadReference, NotFound

if TYPE_CHECKING:

    class ListedCustomer(Customer):
        """A customer with what lists show: where they belong."""

        links: list[CustomerLocation]

        class Meta:
            abstract = True


def customers_of(account: Account) -> CustomerQuerySet:
    """The account's customers, neither deleted nor merged away, in no order."""
    return Customer.objects.for_account(account).alive()


def searchable(customers: CustomerQuerySet) -> CustomerQuerySet:
    """With `email_lower`, `fname_lower` and `sname_lower` to filter and sort by; each has an index."""
    return customers.alias(email_lower=Lower("email"), fname_lower=Lower("fname"), sname_lower=Lower("sname"))


def with_email(account: Account, email: str) -> Q:
    """A filter for the one customer with this address, in any case. Found first, by its unique index: the planner has
    no idea how rare an address is and would walk the list instead."""
    rows = Customer.objects.for_account(account).filter(merged_into=None).alias(address=Lower("email"))
    return Q(pk=Subquery(rows.filter(address=email.strip().lower()).values("pk")[:1]))


def customer_for(account: Account, id: str) -> Customer:
    """A customer by public id; NotFound for a deleted or merged one as well."""
    try:
        return customers_of(account).get(public_id=id)
    except Customer.DoesNotExist:
        raise NotFound("No such customer.") from None


def named(account: Account, text: str) -> Customer:
    """A customer by public id, e-mail address or mobile number as stored; NotFound otherwise."""
    by_mail = with_email(account, text) if "@" in text else Q(pk=None)
    found = customers_of(account).filter(Q(public_id=text) | Q(mobile_number=text) | by_mail).order_by("pk").first()
    if found is None:
        raise NotFound("No such customer.")
    return found


def search(*, account: Account, words: str, limit: int) -> list[Customer]:
    """Whose id, address or number it is, or whose names or address begin like it."""
    text = words.strip().lower()[:100]
    full = searchable(customers_of(account))
    dialled = Q(mobile_number__endswith=text.lstrip("0")) if text.isdecimal() and len(text) > 5 else Q(pk=None)
    first, _, last = text.partition(" ")
    named = Q(fname_lower=first, sname_lower__startswith=last) if last else Q(pk=None)
    begins = Q(email_lower__startswith=text) | Q(fname_lower__startswith=text) | Q(sname_lower__startswith=text)
    about = begins | named | dialled | Q(public_id=words.strip()) | Q(mobile_number=text)
    return list(full.filter(about).order_by("sname", "fname", "pk")[:limit])


def reference(account: Account, id: str, *, field: str) -> Customer:
    """A customer that a body names; BadReference when it is not one of the account's."""
    try:
        return customer_for(account, id)
    except NotFound:
        raise BadReference(f"No such customer: {id[:40]}.", field=field) from None


def known(account: Account, id: str, *, field: str) -> Customer:
    """As `reference`, deleted ones included: for looking back at what they said."""
    try:
        return Customer.objects.for_account(account).get(public_id=id)
    except Customer.DoesNotExist:
        raise BadReference(f"No such customer: {id[:40]}.", field=field) from None


def detailed(customers: CustomerQuerySet) -> QuerySet[ListedCustomer]:
    """The rows with their links to active locations: two queries for any number."""
    links = CustomerLocation.objects.filter(location__deleted_at=None).select_related("location").order_by("pk")
    found: QuerySet[ListedCustomer] = customers.prefetch_related(  # type: ignore[assignment]
        Prefetch("customerlocation_set", queryset=links, to_attr="links")
    )
    return found


def detail(account: Account, id: str) -> ListedCustomer:
    """One customer as in a list; NotFound as `customer_for`."""
    found = detailed(customers_of(account)).filter(public_id=id).first()
    if found is None:
        raise NotFound("No such customer.")
    return found
