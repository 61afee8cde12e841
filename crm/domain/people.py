"""A person together with the company they work for, as senders that know both tell it."""

from __future__ import annotations

from typing import NamedTuple

from django.db import transaction

from accounts.domain.actors import Actor
from accounts.models import Account
from crm.domain import companies, customers
from crm.domain.customers import CustomerFields
from crm.models import Customer


class CompanyNamed(NamedTuple):
    """At least one of the two is given; the domain says which company it is, else the name does."""

    name: str | None = None
    domain: str | None = None


@transaction.atomic
def upsert(*, account: Account, fields: CustomerFields, company: CompanyNamed | None = None, actor: Actor) -> Customer:
    """Add or change the person with this address and their company, both or neither."""
    if company is not None:
        employer = companies.upsert(account=account, name=company.name, domain=company.domain)
        fields = {**fields, "company": employer}
    return customers.upsert(account=account, fields=fields, actor=actor)
