"""The tenant."""

from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import available_timezones

import pghistory
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from accounts.models.base import PublicIdField


@cache
def time_zone_names() -> frozenset[str]:
    """Once per process: asking walks through hundreds of files."""
    return frozenset(available_timezones())


def check_time_zone(name: str) -> None:
    if name not in time_zone_names():
        raise ValidationError(f"{name!r} is not a time zone. Use a name such as Europe/Vienna.")


class AccountQuerySet(models.QuerySet["Account"]):
    def alive(self) -> AccountQuerySet:
        return self.filter(deleted_at=None)


@pghistory.track()
class Account(models.Model):
    """A tenant: a business, or an agency that runs several."""

    class Verb(models.TextChoices):
        USE = "use"
        VISIT = "visit"

    public_id = PublicIdField()
    name = models.CharField(max_length=200)
    is_agency = models.BooleanField(default=False)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="clients")
    active = models.BooleanField(default=True)
    verb = models.CharField(max_length=5, choices=Verb.choices, default=Verb.USE)
    plan = models.CharField(max_length=100, blank=True)
    # null is unlimited.
    max_locations = models.PositiveIntegerField(null=True, blank=True)
    max_users = models.PositiveIntegerField(null=True, blank=True)
    max_campaigns = models.PositiveIntegerField(null=True, blank=True)
    sms_allowance = models.PositiveIntegerField(null=True, blank=True, help_text="SMS segments per calendar month.")
    time_zone = models.CharField(max_length=64, default="UTC", validators=[check_time_zone])
    country_code = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=10, default="en")
    # Printed in the footer of every mail: without it no mail may be sent (CAN-SPAM).
    postal_address = models.CharField(max_length=500, blank=True)
    brand_name = models.CharField(max_length=200, blank=True)
    brand_color = models.CharField(
        max_length=7, default="#4f46e5", validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", "Use #rrggbb.")]
    )
    branded_domain = models.CharField(max_length=253, blank=True)
    from_name = models.CharField(max_length=100, blank=True)
    reply_to = models.EmailField(blank=True)
    # Origins a browser may call the API from.
    cors_origins = models.JSONField(default=list, blank=True)
    # Requests per minute by contract, for example {"hub": 1000}; missing means the hub's own setting.
    rate_limits = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = AccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(is_agency=False) | Q(parent=None), name="account_agency_has_no_parent"),
            models.CheckConstraint(condition=Q(verb__in=["use", "visit"]), name="account_verb_known"),
        ]
        indexes = [models.Index(fields=["parent", "-created_at"], name="account_parent_created")]

    def __str__(self) -> str:
        return self.name

    @property
    def display_name(self) -> str:
        """The name customers read."""
        return self.brand_name or self.name

    def rate_limit(self, contract: str, default: int) -> int:
        """Requests per minute for one key on a contract; 0 is unlimited."""
        own: Any = self.rate_limits.get(contract)
        return own if isinstance(own, int) and own >= 0 else default
