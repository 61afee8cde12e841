"""What the apps to the left tell us, turned into one domain call each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from accounts.models import Account
from accounts.signals import account_changed, account_created, account_deleted
from campaigns.domain import campaigns, cancelling, enrolments, inheriting, releasing
from crm.models import Customer, Location, Suppression
from crm.signals import customer_added, customer_deleted, location_deleted, suppression_added
from reviews.models import Review
from reviews.signals import review_found


@receiver(account_created, dispatch_uid="campaigns.templates")
def give_templates(*, account: Account, template_of: Account | None, **_: Any) -> None:
    inheriting.furnish(account=account, template_of=template_of)


@receiver(account_changed, dispatch_uid="campaigns.account_active")
def release_for_account(*, account: Account, changed: frozenset[str], **_: Any) -> None:
    if "active" in changed and account.active:
        releasing.release_for_account(account)


@receiver(account_deleted, dispatch_uid="campaigns.account")
def cancel_for_account(*, account: Account, **_: Any) -> None:
    campaigns.cancel_for_account(account=account)
    cancelling.for_account(account)


@receiver(location_deleted, dispatch_uid="campaigns.location")
def cancel_for_location(*, location: Location, **_: Any) -> None:
    campaigns.stop_for_location(location=location)
    cancelling.for_location(location)


@receiver(customer_added, dispatch_uid="campaigns.customer_added")
def enrol_added(*, customer: Customer, locations: Sequence[Location], **_: Any) -> None:
    enrolments.enrol_added(customer=customer, locations=locations)


@receiver(review_found, dispatch_uid="campaigns.review")
def end_for_review(*, review: Review, **_: Any) -> None:
    enrolments.review_found(review=review)


@receiver(customer_deleted, dispatch_uid="campaigns.customer")
def cancel_for_customer(*, customer: Customer, **_: Any) -> None:
    cancelling.for_customer(customer)


@receiver(suppression_added, dispatch_uid="campaigns.suppression")
def cancel_for_suppression(*, suppression: Suppression, **_: Any) -> None:
    cancelling.for_suppression(suppression)
