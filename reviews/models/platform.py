"""Review platforms and a location's pages on them."""

from __future__ import annotations

import pghistory
from django.db import models

from accounts.models import Account
from accounts.models.base import PublicIdField, TenantQuerySet
from crm.models import Location


class Platform(models.Model):
    """A review site, the same row for all accounts: it is public knowledge, recognised by host."""

    public_id = PublicIdField()
    slug = models.CharField(max_length=100, unique=True)
    name = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class ReviewProfile(models.Model):
    """A location's page on a platform; its link is shown to every respondent alike."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="review_profiles")
    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="review_profiles")
    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    url = models.URLField(max_length=2048)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantQuerySet["ReviewProfile"].as_manager()

    class Meta:
        verbose_name = "review page"
        constraints = [models.UniqueConstraint(fields=["location", "url"], name="review_profile_once")]

    def __str__(self) -> str:
        return f"{self.platform} of {self.location}"
