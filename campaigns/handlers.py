"""What the apps to the left tell us, turned into one domain call each."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from accounts.models import Account
from accounts.signals import account_created, account_deleted
from campaigns.domain import cancelling, templates
from crm.models import Customer, Location, Suppression
from crm.signals import customer_deleted, location_deleted, suppression_added


@receiver(account_created, dispatch_uid="campaigns.templates")
def give_templates(*, account: Account, template_of: Account | None, **_: Any) -> None:
    templates.defaults_for(account, template_of=template_of)


@receiver(account_deleted, dispatch_uid="campaigns.account")
def cancel_for_account(*, account: Account, **_: Any) -> None:
    cancelling.for_account(account)


@receiver(location_deleted, dispatch_uid="campaigns.location")
def cancel_for_location(*, location: Location, **_: Any) -> None:
    cancelling.for_location(location)


@receiver(customer_deleted, dispatch_uid="campaigns.customer")
def cancel_for_customer(*, customer: Customer, **_: Any) -> None:
    cancelling.for_customer(customer)


@receiver(suppression_added, dispatch_uid="campaigns.suppression")
def cancel_for_suppression(*, suppression: Suppression, **_: Any) -> None:
    cancelling.for_suppression(suppression)
