"""External ids that point at a customer."""

from __future__ import annotations

from django.db import models

from accounts.models import Account
from accounts.models.base import TenantQuerySet
from crm.models.customer import Customer


class Identity(models.Model):
    """`kind` says whose id it is, for example `hub:user_id` or `inkeep:userId`."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="identities")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=40)
    value = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantQuerySet["Identity"].as_manager()

    class Meta:
        verbose_name_plural = "identities"
        constraints = [models.UniqueConstraint(fields=["account", "kind", "value"], name="identity_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"
