"""The project package's own table: answers remembered for Idempotency-Key."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils import timezone

KEPT_FOR = timedelta(hours=24)


class IdempotencyKey(models.Model):
    """The first answer to a key, kept for 24 hours; written in the same transaction as the work."""

    account_id = models.BigIntegerField()
    key = models.CharField(max_length=255)
    # SHA-256 over contract, method and path: the same key on another route is another key.
    route_hash = models.BinaryField(max_length=32)
    body_hash = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account_id", "key", "route_hash"], name="idempotency_key_once"),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_created")]

    def __str__(self) -> str:
        return self.key

    @classmethod
    def kept(cls, **call: Any) -> IdempotencyKey | None:
        """The answer to (account_id, key, route_hash), unless its day is over."""
        return cls.objects.filter(**call, created_at__gt=timezone.now() - KEPT_FOR).first()

    @classmethod
    def keep(cls, **answer: Any) -> None:
        """Store an answer, over one whose day is over."""
        IdempotencyKey.objects.bulk_create(
            [IdempotencyKey(**answer)],
            update_conflicts=True,
            unique_fields=["account_id", "key", "route_hash"],
            update_fields=["body_hash", "status", "headers", "body", "created_at"],
        )

    @classmethod
    def forget_batch(cls, *, before: datetime, at_most: int) -> int:
        """Delete some of the rows made before then; returns how many."""
        old = cls.objects.filter(created_at__lte=before).order_by("created_at")[:at_most]
        deleted, _ = cls.objects.filter(pk__in=old.values("pk")).delete()
        return deleted
