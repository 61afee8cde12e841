"""Callers of the mount, and whom they know."""

from __future__ import annotations

import pytest

from accounts.models import Account
from crm.domain import suppressions
from crm.models import Customer, CustomerLocation, Location
from tests.feedbackapi import api, bobs_api, charlies_api, each_api

__all__ = ["api", "bobs_api", "charlies_api", "each_api"]


@pytest.fixture
def home(account: Account) -> Location:
    return Location.objects.create(account=account, name="Home", country_code="US")


@pytest.fixture
def away(account: Account) -> Location:
    return Location.objects.create(account=account, name="Away", country_code="GB")


@pytest.fixture
def elsewhere(other_account: Account) -> Location:
    """Charlie's."""
    return Location.objects.create(account=other_account, name="Elsewhere", country_code="US")


@pytest.fixture
def jane(account: Account, home: Location) -> Customer:
    jane = Customer.objects.create(account=account, email="jane@example.com", mobile_number="+18135550123")
    CustomerLocation.objects.create(customer=jane, location=home)
    return jane


def bounce(customer: Customer) -> None:
    suppressions.suppress(
        account=customer.account,
        channel="email",
        reason="hard_bounce",
        source="provider",
        address=customer.email or "",
        customer=customer,
    )
