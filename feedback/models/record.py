"""One typed answer: the fact that every score is computed from."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KT
from django.db.models.functions import Left, Lower

from accounts.models import Account
from accounts.models.base import TenantQuerySet
from crm.models import Customer, Location
from feedback.models.bands import RECORD_CORRECTED
from feedback.models.triggers import RECORD_STORED
from feedbackhub.ids import uuid7

THUMB = Q(contract="inkeep")


class FeedbackRecord(models.Model):
    """What one person answered to one question, whichever contract it came by.

    Exactly one row per answer; `submission_id` groups the answers of one sitting and is the contract's external id.
    `raw` keeps what we do not model, as sent. Not tracked by the audit triggers: a create is one INSERT.
    """

    class Contract(models.TextChoices):
        HUB = "hub"
        INKEEP = "inkeep"
        BUILDBETTER = "buildbetter", "BuildBetter"
        REQUEST = "request"  # landing and kiosk pages
        REVIEW = "review"
        API = "api", "API"

    class FieldType(models.TextChoices):
        TEXT = "text"
        CATEGORICAL = "categorical"
        NPS = "nps", "NPS"
        CSAT = "csat", "CSAT"
        CES = "ces", "CES"
        RATING = "rating"
        NUMBER = "number"
        BOOLEAN = "boolean"
        DATE = "date"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    contract = models.CharField(max_length=12, choices=Contract.choices)
    # Divides an account; blank for the account as a whole.
    tenant_id = models.CharField(max_length=255, blank=True)
    submission_id = models.CharField(max_length=255)
    source_type = models.CharField(max_length=255)
    source_id = models.CharField(max_length=255, null=True, blank=True)
    source_name = models.CharField(max_length=255, null=True, blank=True)
    field_id = models.CharField(max_length=255)
    field_type = models.CharField(max_length=12, choices=FieldType.choices)
    field_label = models.TextField(null=True, blank=True)
    field_group_id = models.CharField(max_length=255, null=True, blank=True)
    field_group_label = models.TextField(null=True, blank=True)
    value_text = models.TextField(null=True, blank=True)
    value_id = models.CharField(max_length=255, null=True, blank=True)
    value_number = models.FloatField(null=True, blank=True)
    # The top of the scale `value_number` was given on; null where the field type fixes it or it has none.
    value_scale = models.PositiveSmallIntegerField(null=True, blank=True)
    value_boolean = models.BooleanField(null=True, blank=True)
    value_date = models.DateTimeField(null=True, blank=True)
    metadata = models.JSONField(null=True, blank=True)
    language = models.CharField(max_length=10, null=True, blank=True)
    # The person as the sender names them; Identity maps it to a customer.
    user_id = models.CharField(max_length=255, null=True, blank=True)
    customer = models.ForeignKey(
        Customer, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    location = models.ForeignKey(
        Location, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    raw = models.JSONField(null=True, blank=True)
    collected_at = models.DateTimeField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = TenantQuerySet["FeedbackRecord"].as_manager()

    class Meta:
        verbose_name = "record"
        triggers = [RECORD_STORED, RECORD_CORRECTED]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "contract", "tenant_id", "submission_id", "field_id"], name="record_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    field_type__in=[
                        "text",
                        "categorical",
                        "nps",
                        "csat",
                        "ces",
                        "rating",
                        "number",
                        "boolean",
                        "date",
                    ]
                ),
                name="record_field_type_known",
            ),
            models.CheckConstraint(
                condition=Q(value_number=None) | Q(value_number__gte=-1e15, value_number__lte=1e15),
                name="record_number_within_range",
            ),
        ]
        indexes = [
            # The lists, newest first, within a tenant and over the account: a page costs a page at any depth.
            models.Index(fields=["account", "tenant_id", "-collected_at", "id"], name="record_list"),
            models.Index(fields=["account", "-collected_at", "id"], name="record_whole_list"),
            # A customer's timeline; most records are nobody's and not in it.
            models.Index(
                fields=["customer", "-collected_at", "-id"],
                name="record_customer",
                condition=Q(customer__isnull=False),
            ),
            # Those that may be somebody's who becomes known later: crm/domain/lookbacks.py.
            models.Index(
                "account",
                Lower("user_id"),
                name="record_unknown_user",
                condition=Q(customer=None, user_id__isnull=False),
            ),
            models.Index(
                "account",
                # An index takes no long texts; what is longer than an address is none.
                Left(Lower(KT("raw__userProperties__email")), 254),
                name="thumb_unknown_email",
                condition=THUMB & Q(customer=None),
            ),
            # Thumbs: each kind's list and count, all of them by time, and those of one message.
            models.Index(
                fields=["account", "value_boolean", "-collected_at", "-id"], name="thumb_kind", condition=THUMB
            ),
            models.Index(fields=["account", "-collected_at", "-id"], name="thumb_list", condition=THUMB),
            models.Index(fields=["account", "source_id"], name="thumb_message", condition=THUMB),
        ]

    def __str__(self) -> str:
        return f"{self.field_type} {self.field_id}"
