"""What providers tell us: events of messages, and what people write back by SMS."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Account
from accounts.models.base import TenantQuerySet
from campaigns.models.message import SendAttempt
from crm.models import Customer
from feedbackhub.ids import uuid7


class ProviderEvent(models.Model):
    """One event as a provider tells it; the row is what makes a repetition change nothing.

    One whose attempt is not known yet (the callback can be faster than the answer to our call) waits to be applied.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # As in SendAttempt.provider.
    provider = models.CharField(max_length=40)
    event_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=20)
    # The provider's name of the message.
    provider_ref = models.CharField(max_length=255, blank=True)
    attempt = models.ForeignKey(
        SendAttempt, on_delete=models.CASCADE, null=True, blank=True, related_name="events", db_index=False
    )
    detail = models.CharField(max_length=500, blank=True)
    raw = models.JSONField(default=dict, blank=True)
    received_at = models.DateTimeField(db_default=Now())
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "event_id"], name="provider_event_once")]
        indexes = [
            models.Index(fields=["attempt"], condition=Q(attempt__isnull=False), name="provider_event_attempt"),
            models.Index(fields=["received_at"], condition=Q(applied_at=None), name="provider_event_waiting"),
            # What is still to be forgotten (campaigns/domain/retention.py).
            models.Index(fields=["received_at"], condition=~Q(raw={}), name="provider_event_raw"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.kind} {self.event_id}"


class SmsReply(models.Model):
    """What somebody wrote back, as one account sees it: the evidence of a STOP, and words that staff may read."""

    class Reading(models.TextChoices):
        STOP = "stop", "Opt-out"
        DOUBTFUL = "doubtful", "Perhaps an opt-out"
        START = "start", "Opt-in"
        HELP = "help", "Help"
        WORDS = "words", "Other words"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sms_replies")
    event = models.ForeignKey(ProviderEvent, on_delete=models.PROTECT, related_name="replies")
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # Theirs and ours.
    address = models.CharField(max_length=40)
    sender = models.CharField(max_length=40)
    text = models.CharField(max_length=1600)
    reading = models.CharField(max_length=8, choices=Reading.choices)
    received_at = models.DateTimeField(db_default=Now())
    # A doubtful one holds as an opt-out until somebody has read it.
    judged_at = models.DateTimeField(null=True, blank=True)
    judged_by = models.CharField(max_length=60, blank=True)

    objects = TenantQuerySet["SmsReply"].as_manager()

    class Meta:
        verbose_name = "SMS reply"
        verbose_name_plural = "SMS replies"
        constraints = [models.UniqueConstraint(fields=["account", "event"], name="sms_reply_once")]
        indexes = [
            models.Index(fields=["account", "-received_at", "-id"], name="sms_reply_account"),
            models.Index(
                fields=["account"], condition=Q(reading="doubtful", judged_at=None), name="sms_reply_to_judge"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.address}: {self.text[:60]}"


class SenderStop(models.Model):
    """A person stopped everything from one of our numbers, whoever sends by it now or later."""

    sender = models.CharField(max_length=40)
    address = models.CharField(max_length=40)
    event = models.ForeignKey(ProviderEvent, on_delete=models.PROTECT, related_name="+")
    stopped_at = models.DateTimeField(db_default=Now())
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sender", "address"], condition=Q(lifted_at=None), name="sender_stop_once")
        ]

    def __str__(self) -> str:
        return f"{self.address} stopped {self.sender}"
