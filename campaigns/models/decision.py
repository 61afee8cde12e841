"""Why something was sent, waits, or was not sent."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Account
from accounts.models.base import TenantQuerySet
from campaigns.models.campaign import Enrolment, Step
from campaigns.models.message import Message


class Decision(models.Model):
    """What every gate said when the sender decided about a message, or about a step that became no message.

    The same answer again is the same row: a message that waits for days has one row a reason, not one a look.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="decisions")
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, null=True, blank=True, related_name="decisions", db_index=False
    )
    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.CASCADE, null=True, blank=True, related_name="decisions", db_index=False
    )
    step = models.ForeignKey(
        Step, on_delete=models.CASCADE, null=True, blank=True, related_name="decisions", db_index=False
    )
    # The gate that decided; blank let it go.
    gate = models.CharField(max_length=40, blank=True)
    # In the order asked: {"gate", "rule", "allowed", "detail", "next_eligible_at"}.
    verdicts = models.JSONField()
    # None for one that objects is never.
    next_eligible_at = models.DateTimeField(null=True, blank=True)
    first_at = models.DateTimeField(db_default=Now())
    last_at = models.DateTimeField(db_default=Now())
    times = models.PositiveIntegerField(default=1)

    objects = TenantQuerySet["Decision"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(message__isnull=False, enrolment=None, step=None)
                | Q(message=None, enrolment__isnull=False, step__isnull=False),
                name="decision_about_one_thing",
            ),
            models.UniqueConstraint(
                fields=["message", "gate"], condition=Q(message__isnull=False), name="decision_message_gate_once"
            ),
            models.UniqueConstraint(
                fields=["enrolment", "step", "gate"],
                condition=Q(enrolment__isnull=False),
                name="decision_step_gate_once",
            ),
        ]

    def __str__(self) -> str:
        return self.gate or "sent"

    @property
    def allowed(self) -> bool:
        return not self.gate
