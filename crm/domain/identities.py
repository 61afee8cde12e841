"""External ids that point at customers."""

from __future__ import annotations

from django.db import transaction

from accounts.domain.actors import Actor
from accounts.models import Account
from crm.domain import customers
from crm.domain.customers import CustomerFields
from crm.domain.locks import address_lock
from crm.models import Customer, Identity


def find(*, account: Account, kind: str, value: str) -> Customer | None:
    """The customer known under this id; a merged one leads to the row it was merged into."""
    identities = Identity.objects.for_account(account).select_related("customer", "customer__merged_into")
    identity = identities.filter(kind=kind, value=value).first()
    return (identity.customer.merged_into or identity.customer) if identity else None


def attach(*, account: Account, customer: Customer, kind: str, value: str) -> Identity:
    """Let the id point at the customer from now on, whoever it pointed at before."""
    identity, _ = Identity.objects.update_or_create(
        account=account, kind=kind, value=value, defaults={"customer": customer}
    )
    return identity


@transaction.atomic
def person(*, account: Account, kind: str, value: str, fields: CustomerFields, actor: Actor) -> Customer:
    """The customer known under an external id, changed by `fields`; else the one with the address in `fields`, who
    is known under the id from now on; else a new one, with or without an address."""
    address_lock(account, f"{kind}:{value}")
    customer = find(account=account, kind=kind, value=value)
    if customer is not None:
        return customers.update(customer=customer, fields=fields, actor=actor) if fields else customer
    if fields.get("email") or fields.get("mobile_number"):
        customer = customers.upsert(account=account, fields=fields, actor=actor)
    else:
        customer = customers.add_unreachable(account=account, fields=fields)
    attach(account=account, customer=customer, kind=kind, value=value)
    return customer
