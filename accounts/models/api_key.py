"""The key that calls."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models.account import Account
from accounts.models.base import PublicIdField, TenantQuerySet


@pghistory.track(exclude=["secret_hash", "last_used_at"])
class ApiKey(models.Model):
    """A secret shown once; its SHA-256, a prefix to recognise it by, scopes and life span are kept.

    Rotation makes a successor and lets the old key live on until `expires_at`.
    """

    public_id = PublicIdField()
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16, editable=False)
    secret_hash = models.BinaryField(max_length=32, unique=True, editable=False)
    # "*", "<contract>", or "<contract>:read|write"; see accounts/domain/keys.py.
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    # May manage the agency's client accounts.
    agency = models.BooleanField(default=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    rotated_from = models.OneToOneField(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="successor"
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantQuerySet["ApiKey"].as_manager()

    class Meta:
        verbose_name = "API key"
        constraints = [models.CheckConstraint(condition=~Q(scopes=[]), name="api_key_has_scopes")]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
