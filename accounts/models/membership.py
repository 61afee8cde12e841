"""Who works for which account."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models.account import Account
from accounts.models.base import TenantQuerySet


@pghistory.track()
class Membership(models.Model):
    """A user's role in an account. An agency's members reach its client accounts with the same role."""

    class Role(models.TextChoices):
        OWNER = "owner"
        STANDARD = "standard"
        RESTRICTED = "restricted"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.STANDARD)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantQuerySet["Membership"].as_manager()

    class Meta:
        verbose_name = "member"
        verbose_name_plural = "team"
        constraints = [
            models.UniqueConstraint(fields=["account", "user"], name="membership_once"),
            models.CheckConstraint(
                condition=Q(role__in=["owner", "standard", "restricted"]), name="membership_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.account}"
