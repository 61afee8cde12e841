"""Two rows that were one person: what was merged, and what it takes to undo it."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import F, Q

from accounts.models import Account
from accounts.models.base import TenantQuerySet
from crm.models.customer import Customer


@pghistory.track()
class MergeRecord(models.Model):
    """`loser` became a tombstone that points to `winner`; undone, it is a customer again."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="merges", db_index=False)
    winner = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    loser = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    merged_by = models.CharField(max_length=60)
    merged_by_name = models.CharField(max_length=200, blank=True)
    merged_at = models.DateTimeField(auto_now_add=True)
    undone_by = models.CharField(max_length=60, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet["MergeRecord"].as_manager()

    class Meta:
        verbose_name = "merge"
        constraints = [
            models.CheckConstraint(condition=~Q(winner=F("loser")), name="merge_of_two"),
            # Whoever is merged away is so once.
            models.UniqueConstraint(fields=["loser"], condition=Q(undone_at=None), name="merge_standing_once"),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by="") | Q(undone_at__isnull=False) & ~Q(undone_by=""),
                name="merge_undone_at_and_by",
            ),
        ]
        indexes = [models.Index(fields=["account", "-merged_at", "-id"], name="merge_account")]

    def __str__(self) -> str:
        return f"{self.loser} into {self.winner}"


class MergedRow(models.Model):
    """A row that a merge wrote to: `before` and `after` hold the columns it changed. Undoing writes `before` where
    `after` still stands; a row without `before` was made by the merge."""

    merge = models.ForeignKey(MergeRecord, on_delete=models.CASCADE, related_name="rows")
    # As in `apps.get_model`.
    model = models.CharField(max_length=60)
    row = models.CharField(max_length=40)
    before = models.JSONField(null=True)
    after = models.JSONField()

    def __str__(self) -> str:
        return f"{self.model} {self.row}"
