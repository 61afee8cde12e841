"""Finding customers: the one door to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Lower

from accounts.models import Account
from crm.domain import suppressions
from crm.models import Customer, CustomerLocation, Suppression
from crm.models.customer import CustomerQuerySet
from feedbackhub.errors import BadReference, NotFound

if TYPE_CHECKING:

    class ListedCustomer(Customer):
        """A customer with what lists show: whether they may be written to, and where they belong."""

        opted_out: bool
        undeliverable: bool
        links: list[CustomerLocation]

        class Meta:
            abstract = True


def customers_of(account: Account) -> CustomerQuerySet:
    """The account's customers, neither deleted nor merged away, in no order."""
    return Customer.objects.for_account(account).alive()


def searchable(customers: CustomerQuerySet) -> CustomerQuerySet:
    """With `email_lower`, `fname_lower` and `sname_lower` to filter and sort by; each has an index."""
    return customers.alias(email_lower=Lower("email"), fname_lower=Lower("fname"), sname_lower=Lower("sname"))


def customer_for(account: Account, id: str) -> Customer:
    """A customer by public id; NotFound for a deleted or merged one as well."""
    try:
        return customers_of(account).get(public_id=id)
    except Customer.DoesNotExist:
        raise NotFound("No such customer.") from None


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
    """The rows with `opted_out`, `undeliverable` and their links to active locations: two queries for any number."""
    links = CustomerLocation.objects.filter(location__deleted_at=None).select_related("location").order_by("pk")
    found: QuerySet[ListedCustomer] = customers.annotate(  # type: ignore[assignment]
        opted_out=suppressions.opted_out_of(), undeliverable=suppressions.invalid_of()
    ).prefetch_related(Prefetch("customerlocation_set", queryset=links, to_attr="links"))
    return found


def detail(account: Account, id: str) -> ListedCustomer:
    """One customer as in a list; NotFound as `customer_for`."""
    found = detailed(customers_of(account)).filter(public_id=id).first()
    if found is None:
        raise NotFound("No such customer.")
    return found


def who_opted_out(account: Account) -> Q:
    """A filter for customers; suppressed addresses are few beside customers, so it starts from them."""
    rows = Suppression.objects.for_account(account).standing().filter(reason__in=Suppression.CONSENT_REASONS)
    people = rows.exclude(customer=None).values("customer")
    return Q(pk__in=people.union(_owners(account, rows.exclude(address="").values("address"))))


def who_is_invalid(account: Account) -> Q:
    """A filter for customers whose present e-mail bounced or whose present number failed."""
    rows = Suppression.objects.for_account(account).standing().filter(reason__in=Suppression.DELIVERY_REASONS)
    return Q(pk__in=_owners(account, rows.values("address")))


def _owners(account: Account, addresses: QuerySet[Suppression, Any]) -> QuerySet[Customer, Any]:
    rows = Customer.objects.for_account(account).filter(merged_into=None)
    by_email = rows.alias(address=Lower("email")).filter(address__in=addresses)
    by_number = rows.filter(mobile_number__in=addresses)
    return by_email.values("pk").union(by_number.values("pk"))
