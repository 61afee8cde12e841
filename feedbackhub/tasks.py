"""Housekeeping of the project package."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from feedbackhub.models import KEPT_FOR, IdempotencyKey

# Small enough to stay far below the statement time-out.
BATCH = 5_000


@shared_task(name="feedbackhub.forget_idempotency_keys")
def forget_idempotency_keys() -> int:
    """Delete answers that are kept no longer; returns how many."""
    before = timezone.now() - KEPT_FOR
    total = 0
    while deleted := IdempotencyKey.forget_batch(before=before, at_most=BATCH):
        total += deleted
    return total
