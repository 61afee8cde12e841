"""Registered sources and the records of many fields they deliver."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from accounts.models import Account
from accounts.models.base import TenantQuerySet
from crm.models import Customer


@pghistory.track()
class Source(models.Model):
    """Two sources may share a name."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sources")
    name = models.CharField(max_length=255)
    type = models.CharField(max_length=50, default="api")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantQuerySet["Source"].as_manager()

    def __str__(self) -> str:
        return self.name


class SourceRecord(models.Model):
    """One ingested record as sent; its fields are fanned out to FeedbackRecords in the same transaction."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="source_records")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="records")
    customer = models.ForeignKey(
        Customer, on_delete=models.SET_NULL, null=True, blank=True, related_name="source_records"
    )
    external_id = models.CharField(max_length=255, null=True, blank=True)
    display_ts = models.DateTimeField()
    # The list of field objects, verbatim.
    fields = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantQuerySet["SourceRecord"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=Q(external_id__isnull=False),
                name="source_record_external_id_once",
            ),
        ]
        indexes = [models.Index(fields=["source", "-display_ts", "-id"], name="source_record_list")]

    def __str__(self) -> str:
        return self.external_id or str(self.pk)
