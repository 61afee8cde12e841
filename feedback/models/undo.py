"""What somebody did in the console, kept for a while so that they can take it back."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.models import Account
from accounts.models.base import TenantQuerySet
from feedbackhub.ids import uuid7


class ActionTaken(models.Model):
    """One thing that one person did to items of one account. Items of several accounts: a row each, of one `batch`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    batch = models.UUIDField()
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    # Code of the acting user (accounts/domain/actors.py): nobody else may take it back.
    actor = models.CharField(max_length=40)
    said = models.CharField(max_length=300)
    done_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)
    # How many items were put back, and how many had changed since.
    restored = models.PositiveIntegerField(null=True, blank=True)
    skipped = models.PositiveIntegerField(null=True, blank=True)

    objects = TenantQuerySet["ActionTaken"].as_manager()

    class Meta:
        verbose_name = "action"
        constraints = [
            models.UniqueConstraint(fields=["batch", "account"], name="action_once_an_account"),
            models.CheckConstraint(
                condition=Q(undone_at=None, restored=None, skipped=None)
                | Q(undone_at__isnull=False, restored__isnull=False, skipped__isnull=False),
                name="action_undone_with_counts",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("done_at")), name="action_expires_later"),
        ]
        indexes = [
            models.Index(fields=["actor", "-done_at", "-id"], name="action_latest", condition=Q(undone_at=None)),
            models.Index(fields=["expires_at"], name="action_expiry"),
        ]

    def __str__(self) -> str:
        return self.said


class UndoStep(models.Model):
    """What one write of an action changed, for the reverser that is registered under `kind`."""

    action = models.ForeignKey(ActionTaken, on_delete=models.CASCADE, related_name="steps", db_index=False)
    # The order in which the action wrote: it is taken back from the end.
    seq = models.PositiveIntegerField()
    # No foreign key: deleting an item takes no look at this table.
    item_id = models.UUIDField()
    kind = models.CharField(max_length=40)
    before = models.JSONField()
    # The version of the item that the write left; None where the reverser itself sees what changed since.
    version = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["action", "seq"], name="undo_step_once")]
        indexes = [models.Index(fields=["item_id", "version"], name="undo_step_left")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.item_id}"
