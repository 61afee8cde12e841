"""Finding customers by row number, for the contract whose ids are numbers."""

from __future__ import annotations

from accounts.models import Account
from crm.domain.queries.customers import customers_of
from crm.models import Customer
from crm.models.customer import CustomerQuerySet
from feedbackhub.errors import NotFound


def person_for(account: Account, id: int) -> Customer:
    """One customer. Raises NotFound, for another account's, a deleted and a merged one as well."""
    person = people(account).numbered(id).first()
    if person is None:
        raise NotFound("Person not found.", details={"resource": "person"})
    return person


def people(account: Account) -> CustomerQuerySet:
    """Newest first."""
    return customers_of(account).order_by("-created_at", "-pk")
