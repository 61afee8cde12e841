"""Tenants within an account, as the Hub contract knows them: a name on every row, settings, and being emptied."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from accounts.models import Account
from accounts.models.base import TenantQuerySet


@pghistory.track()
class TenantSettings(models.Model):
    """What a tenant wishes for its enrichments. A tenant without a row has not said anything."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    tenant_id = models.CharField(max_length=255)
    # target_language, sentiment_enabled, emotions_enabled; absent means the default.
    settings = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TenantQuerySet["TenantSettings"].as_manager()

    class Meta:
        verbose_name = "tenant"
        verbose_name_plural = "tenants"
        constraints = [models.UniqueConstraint(fields=["account", "tenant_id"], name="tenant_settings_once")]

    def __str__(self) -> str:
        return self.tenant_id


class TenantPurge(models.Model):
    """A wish to erase a tenant's records, worked off in small batches; what came after it stays."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    tenant_id = models.CharField(max_length=255)
    requested_at = models.DateTimeField()
    deleted = models.PositiveIntegerField(default=0)
    # When a worker may take it: a claim puts it off for as long as a worker may take.
    due_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet["TenantPurge"].as_manager()

    class Meta:
        verbose_name = "purge"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "tenant_id"], condition=Q(finished_at=None), name="tenant_purge_running_once"
            )
        ]
        indexes = [models.Index(fields=["due_at"], name="tenant_purge_due", condition=Q(finished_at=None))]

    def __str__(self) -> str:
        return self.tenant_id
