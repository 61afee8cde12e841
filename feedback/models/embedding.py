"""What a text means, as a vector: found by it, without any of its words."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from accounts.models import Account
from accounts.models.base import TenantQuerySet
from feedback.models.record import FeedbackRecord


# Django's fields take no parameters at run time.
class Bits(models.Field):  # type: ignore[type-arg]
    """One bit for each dimension of a vector; PostgreSQL counts by itself in how many two of them differ."""

    def db_type(self, connection: Any) -> str:
        return "bit varying"


class RecordEmbedding(models.Model):
    """The vector of one record's text. Without a vector it waits to be made, because the text was corrected."""

    record = models.OneToOneField(FeedbackRecord, on_delete=models.CASCADE, primary_key=True, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    tenant_id = models.CharField(max_length=255, blank=True)
    # Vectors of two models say nothing about each other.
    model = models.CharField(max_length=100)
    # Half-precision floats of length 1 in little-endian order, and whether each of them is positive.
    vector = models.BinaryField(null=True)
    signs = Bits(null=True)

    objects = TenantQuerySet["RecordEmbedding"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(vector=None, signs=None) | Q(vector__isnull=False, signs__isnull=False),
                name="embedding_vector_and_signs",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "tenant_id", "model"], name="embedding_tenant"),
            models.Index(fields=["record"], name="embedding_waiting", condition=Q(vector=None)),
        ]

    def __str__(self) -> str:
        return str(self.record_id)


class EmbeddingWalk(models.Model):
    """How far a model has come through the records, which are walked in the order of their ids."""

    model = models.CharField(max_length=100, primary_key=True)
    position = models.UUIDField(null=True)
    moved_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.model
