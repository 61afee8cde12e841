"""A place, department or person that feedback is about."""

from __future__ import annotations

import pghistory
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower

from accounts.models import Account
from accounts.models.account import check_time_zone
from accounts.models.base import PublicIdField, TenantQuerySet


class LocationQuerySet(TenantQuerySet["Location"]):
    def alive(self) -> LocationQuerySet:
        return self.filter(deleted_at=None)


@pghistory.track()
class Location(models.Model):
    """Deleting one is soft: its pages stop and its reviews are hidden."""

    public_id = PublicIdField()
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="locations")
    name = models.CharField(max_length=200)
    address_line_1 = models.CharField(max_length=200, null=True, blank=True)
    address_line_2 = models.CharField(max_length=200, null=True, blank=True)
    address_line_3 = models.CharField(max_length=200, null=True, blank=True)
    postal_code = models.CharField(max_length=20, null=True, blank=True)
    country_code = models.CharField(max_length=2)
    # Blank: the account's.
    time_zone = models.CharField(max_length=64, blank=True, validators=[check_time_zone])
    # What its customers see instead of the account's own; blank: the account's.
    brand_name = models.CharField(max_length=200, blank=True)
    brand_color = models.CharField(
        max_length=7, blank=True, validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", "Use #rrggbb.")]
    )
    from_name = models.CharField(max_length=100, blank=True)
    reply_to = models.EmailField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = LocationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index("account", Lower("name"), "id", name="location_account_name"),
            models.Index(fields=["account", "-created_at", "-id"], name="location_account_created"),
        ]

    def __str__(self) -> str:
        return self.name
