"""Where programs are told what happened, what happened, and what became of telling them."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Account
from accounts.models.base import TenantQuerySet
from feedbackhub.ids import uuid7


class EventType(models.TextChoices):
    """What a program can be told of; the names are the Hub contract's."""

    RECORD_CREATED = "feedback_record.created"
    RECORD_UPDATED = "feedback_record.updated"
    RECORD_DELETED = "feedback_record.deleted"
    WEBHOOK_CREATED = "webhook.created"
    WEBHOOK_UPDATED = "webhook.updated"
    WEBHOOK_DELETED = "webhook.deleted"


# Sent by hand from the console to one endpoint, whatever it asked for.
PING = "webhook.ping"


@pghistory.track(exclude=["sealed_key", "exhausted"])
class WebhookEndpoint(models.Model):
    """An address that is told of one tenant's events; no event types means all."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="webhook_endpoints", db_index=False)
    tenant_id = models.CharField(max_length=255)
    url = models.CharField(max_length=2048)
    enabled = models.BooleanField(default=True)
    event_types = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    # The signing key, encrypted (feedbackhub/sealing.py); shown once, when it is made.
    sealed_key = models.TextField(editable=False)
    # Why and when the hub itself switched it off.
    disabled_reason = models.CharField(max_length=255, null=True, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    # Deliveries given up since the last one that arrived.
    exhausted = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField()

    objects = TenantQuerySet["WebhookEndpoint"].as_manager()

    class Meta:
        verbose_name = "webhook"
        constraints = [
            models.CheckConstraint(condition=~Q(tenant_id=""), name="webhook_has_a_tenant"),
            models.CheckConstraint(
                condition=Q(enabled=False) | Q(disabled_at=None, disabled_reason=None),
                name="webhook_enabled_or_told_why",
            ),
        ]
        indexes = [
            # Asked with every record that is stored: who hears of this tenant's events?
            models.Index(fields=["account", "tenant_id"], name="webhook_of_tenant", condition=Q(enabled=True)),
            models.Index(fields=["account", "-created_at", "id"], name="webhook_list"),
        ]

    def __str__(self) -> str:
        return self.url


class WebhookEvent(models.Model):
    """Something that happened, written in the transaction in which it happened, if anybody was to be told.

    `data` is the row as it was then (its columns), or the ids of what was deleted; the contract's edge renders it.
    """

    # A UUIDv7, which receivers know it by.
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    tenant_id = models.CharField(max_length=255)
    type = models.CharField(max_length=40)
    happened_at = models.DateTimeField()
    data = models.JSONField()
    # The row it is about, so that erasing a person erases what the log says of them.
    subject_id = models.UUIDField(null=True, blank=True)
    # Names of columns, of updates only.
    changed_fields = models.JSONField(null=True, blank=True)

    objects = TenantQuerySet["WebhookEvent"].as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["subject_id"], name="event_subject"),
            # Erasing a tenant holds its lock: it must not read everybody's month of events.
            models.Index(fields=["account", "tenant_id"], name="event_tenant"),
        ]

    def __str__(self) -> str:
        return self.type


class WebhookDelivery(models.Model):
    """One event for one endpoint, and every try so far. A waiting row is due at `due_at`; a claimed one is put off."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DELIVERED = "delivered"
        # Every try failed.
        FAILED = "failed"
        # The endpoint was switched off first.
        CANCELLED = "cancelled"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    event = models.ForeignKey(WebhookEvent, on_delete=models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    due_at = models.DateTimeField(null=True, blank=True)
    # Whoever claimed it last; only they may say what became of it.
    lease = models.UUIDField(null=True, blank=True, editable=False)
    # Since it was made or sent again by hand.
    attempts = models.PositiveSmallIntegerField(default=0)
    # Newest last: {"at", "status", "said", "error", "seconds"}, or {"at", "by"} where somebody asked for it again.
    tries = models.JSONField(default=list, blank=True)
    last_status = models.PositiveSmallIntegerField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = TenantQuerySet["WebhookDelivery"].as_manager()

    class Meta:
        verbose_name = "delivery"
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event"], name="delivery_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "delivered", "failed", "cancelled"]), name="delivery_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", due_at__isnull=False, finished_at=None)
                | (~Q(state="waiting") & Q(due_at=None, finished_at__isnull=False)),
                name="delivery_waiting_iff_due",
            ),
        ]
        indexes = [
            # Small: only what waits, by whose turn it is.
            models.Index(
                fields=["account", "endpoint", "due_at", "id"], name="delivery_due", condition=Q(state="waiting")
            ),
            models.Index(fields=["account", "-id"], name="delivery_log"),
            models.Index(fields=["endpoint", "-id"], name="delivery_of_endpoint"),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.endpoint}"
