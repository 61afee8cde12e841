"""Where the sender may send from."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class SenderArming(models.Model):
    """One row: the PostgreSQL server, its timeline and the installation that the sender was last allowed to send on.

    A backup restored elsewhere, a copied data directory and a promoted standby differ in one of the three, and have
    forgotten sends or are about to repeat them: the sender stays still until an operator has looked.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    system_identifier = models.CharField(max_length=20)
    timeline = models.PositiveIntegerField()
    # SENDER_ID of the environment: tells a clone from its original.
    sender_id = models.CharField(max_length=100, blank=True)
    armed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="sender_arming_single")]

    def __str__(self) -> str:
        return f"{self.system_identifier}/{self.timeline} {self.sender_id}".strip()
