"""What the apps to the left tell us, turned into one domain call each."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from accounts.models import Account
from accounts.signals import account_created
from feedback.domain.rules import editing


@receiver(account_created, dispatch_uid="feedback.rules")
def give_rule(*, account: Account, **_: Any) -> None:
    editing.begin(account=account)
