"""How soon an account wants its items answered and closed, in the hours in which it works."""

from __future__ import annotations

from typing import Any

import pghistory
from django.db import models
from django.db.models import Q

from accounts.models import Account
from accounts.models.base import TenantQuerySet

OFFICE = ["09:00", "17:00"]


def office_days() -> list[Any]:
    """Monday to Friday."""
    return [OFFICE] * 5 + [None] * 2


@pghistory.track()
class ServiceHours(models.Model):
    """When an account works, in its own time zone. One without a row works around the clock."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="service_hours")
    # Monday to Sunday: ["09:00", "17:00"], or null for a day off; until 23:59 is until midnight.
    days = models.JSONField(default=office_days)
    # A country, perhaps with a part of it, whose public holidays are days off: AT, US-CA. Blank: none.
    holidays = models.CharField(max_length=10, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TenantQuerySet["ServiceHours"].as_manager()

    class Meta:
        verbose_name = "working hours"
        verbose_name_plural = "working hours"

    def __str__(self) -> str:
        return f"Working hours of {self.account}"


@pghistory.track()
class ServiceTarget(models.Model):
    """Working minutes until an item's first response and until it is closed; null: no target."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="service_targets", db_index=False)
    name = models.CharField(max_length=100)
    first_minutes = models.PositiveIntegerField(null=True, blank=True)
    resolve_minutes = models.PositiveIntegerField(null=True, blank=True)
    # Items that no rule gives a target have this one.
    usual = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantQuerySet["ServiceTarget"].as_manager()

    class Meta:
        verbose_name = "service target"
        constraints = [
            models.UniqueConstraint(fields=["account"], condition=Q(usual=True), name="target_usual_once"),
            models.CheckConstraint(
                # A comparison with null is neither true nor false, and a check lets that pass.
                condition=Q(first_minutes__isnull=False, first_minutes__gt=0)
                | Q(resolve_minutes__isnull=False, resolve_minutes__gt=0),
                name="target_has_a_time",
                violation_error_message="Set one of the two times.",
            ),
        ]
        indexes = [models.Index(fields=["account", "name", "id"], name="target_list")]

    def __str__(self) -> str:
        return self.name
