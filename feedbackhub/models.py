"""The project package's own table: answers remembered for Idempotency-Key."""

from __future__ import annotations

from django.db import models


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
