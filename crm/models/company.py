"""The organisation a customer works for."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models import Account
from accounts.models.base import PublicIdField, TenantQuerySet


@pghistory.track()
class Company(models.Model):
    """Known by its domain, else by its name."""

    public_id = PublicIdField()
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="companies")
    name = models.CharField(max_length=200, blank=True)
    domain = models.CharField(max_length=253, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantQuerySet["Company"].as_manager()

    class Meta:
        verbose_name_plural = "companies"
        constraints = [
            models.UniqueConstraint("account", Lower("domain"), condition=~Q(domain=""), name="company_domain_once"),
            models.UniqueConstraint(
                "account", Lower("name"), condition=Q(domain="") & ~Q(name=""), name="company_name_once"
            ),
            models.CheckConstraint(condition=~Q(name="") | ~Q(domain=""), name="company_has_name_or_domain"),
        ]

    def __str__(self) -> str:
        return self.name or self.domain
