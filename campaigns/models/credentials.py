"""An account's own provider."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from accounts.models import Account
from accounts.models.base import PublicIdField, TenantQuerySet
from campaigns.models.template import MessageTemplate


@pghistory.track(exclude=["sealed_url"])
class ProviderCredentials(models.Model):
    """How an account sends on one channel instead of by the hub's own provider.

    The public id is in the addresses that the provider calls back; the attempts that it made are named after it.
    """

    public_id = PublicIdField()
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="providers")
    channel = models.CharField(max_length=5, choices=MessageTemplate.Channel.choices)
    # The provider's URL, encrypted with ENCRYPTION_KEYS; never shown again.
    sealed_url = models.TextField(editable=False)
    # What may be shown of it: kind and host.
    summary = models.CharField(max_length=200, editable=False)
    active = models.BooleanField(default=True)
    tested_at = models.DateTimeField(null=True, blank=True, editable=False)
    test_result = models.CharField(max_length=500, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TenantQuerySet["ProviderCredentials"].as_manager()

    class Meta:
        verbose_name = "own provider"
        verbose_name_plural = "own providers"
        constraints = [
            models.UniqueConstraint(fields=["account", "channel"], name="provider_once_per_channel"),
            models.CheckConstraint(condition=~Q(sealed_url=""), name="provider_has_url"),
        ]

    def __str__(self) -> str:
        return self.summary
