"""Where messages go when no outside provider is set up."""

from __future__ import annotations

from django.db import models

from accounts.models import Account
from accounts.models.base import TenantQuerySet


class OutboxEntry(models.Model):
    """A mail or SMS that the hub delivered to itself: the embedded default, shown in the console."""

    # Null for the hub's own mails, such as a password reset.
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, blank=True, related_name="outbox")
    # The attempt that delivered it: the outbox deduplicates by key like a good provider.
    idem_key = models.CharField(max_length=60, unique=True)
    channel = models.CharField(max_length=5)
    address = models.CharField(max_length=254)
    subject = models.CharField(max_length=300, blank=True)
    text_body = models.TextField()
    html_body = models.TextField(blank=True)
    headers = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantQuerySet["OutboxEntry"].as_manager()

    class Meta:
        verbose_name_plural = "outbox"
        indexes = [
            models.Index(fields=["account", "-created_at"], name="outbox_account_created"),
            models.Index(fields=["created_at"], name="outbox_created"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} to {self.address}"
