"""SMS segments used per calendar month."""

from __future__ import annotations

from django.db import models

from accounts.models import Account
from accounts.models.base import TenantQuerySet


class SmsQuota(models.Model):
    """Charged by a conditional UPDATE in the attempt's transaction, released only when nothing was sent."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sms_quotas")
    # First day of the month in the account's time zone.
    month = models.DateField()
    segments_used = models.PositiveIntegerField(default=0)

    objects = TenantQuerySet["SmsQuota"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "month"], name="sms_quota_once")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}: {self.segments_used}"
