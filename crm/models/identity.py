"""External ids that point at a customer."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models

from accounts.models import Account
from accounts.models.base import TenantQuerySet
from crm.models import lookback
from crm.models.customer import Customer


@pghistory.track()
class Identity(models.Model):
    """`kind` says whose id it is: a contract's, as `inkeep:user_id`, or the account's own, which counts on all."""

    OWN = "user_id"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="identities")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=40)
    value = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantQuerySet["Identity"].as_manager()

    class Meta:
        verbose_name = "id"
        verbose_name_plural = "ids"
        constraints = [models.UniqueConstraint(fields=["account", "kind", "value"], name="identity_once")]
        triggers = [
            pgtrigger.Trigger(
                name="look_back",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("customer_id", "kind", "value"),  # type: ignore[no-untyped-call]
                when=pgtrigger.After,
                func=f"{lookback.asks('NEW.customer_id')} RETURN NULL;",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"

    @property
    def whose(self) -> str:
        """In words: "Own id", or the contract's name."""
        return "Own id" if self.kind == self.OWN else self.kind.partition(":")[0].capitalize()
