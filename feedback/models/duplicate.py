"""What staff said of two items that look alike."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.models import Account
from accounts.models.base import TenantQuerySet
from feedback.models.item import FeedbackItem


class NotAlike(models.Model):
    """Two items that somebody looked at and found to be about different things: they are not suggested again.

    The pair has no order, so it is stored in one: the smaller id first.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    first = models.ForeignKey(FeedbackItem, on_delete=models.CASCADE, related_name="+", db_index=False)
    second = models.ForeignKey(FeedbackItem, on_delete=models.CASCADE, related_name="+")
    # Code of the actor, and how they were called, kept when they are deleted.
    said_by = models.CharField(max_length=40)
    said_by_name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantQuerySet["NotAlike"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="not_alike_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="not_alike_in_order"),
        ]
        indexes = [models.Index(fields=["account", "-created_at"], name="not_alike_of_account")]

    def __str__(self) -> str:
        return f"{self.first_id} is not {self.second_id}"
