"""Which signals become items, as each account wants it."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Account
from accounts.models.base import TenantQuerySet
from crm.models import Location
from feedback.models.item import FeedbackItem
from feedback.models.label import Label
from feedback.models.record import FeedbackRecord
from feedback.models.sla import ServiceTarget


@pghistory.track(exclude=["turn"])
class TriageRule(models.Model):
    """When its conditions hold of what one person said in one sitting, an item is made with its effects.

    The first rule that matches counts, by `position`. A blank condition holds of everything. What the conditions mean
    is feedback/domain/rules/matching.py.
    """

    class Signal(models.TextChoices):
        ANSWER = "answer", "an answer to a request or at a kiosk"
        RECORD = "record", "a record that comes by API"
        THUMB = "thumb", "a thumb on an AI reply"
        REVIEW = "review", "a public review"

    class Compare(models.TextChoices):
        ANY = "", "has any score, or none"
        UNHAPPY = "unhappy", "is unhappy"
        HAPPY = "happy", "is happy"
        AT_MOST = "at_most", "scores at most"
        AT_LEAST = "at_least", "scores at least"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="triage_rules", db_index=False)
    # Smaller comes first; equal ones by age.
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=100)
    enabled = models.BooleanField(default=True)
    # The rule that an account starts with: it can be changed and switched off, not removed.
    built_in = models.BooleanField(default=False, editable=False)

    # Conditions.
    signal = models.CharField(max_length=6, choices=Signal.choices)
    contract = models.CharField(max_length=12, choices=FeedbackRecord.Contract.choices, blank=True)
    source_type = models.CharField(max_length=255, blank=True)
    field_type = models.CharField(max_length=12, choices=FeedbackRecord.FieldType.choices, blank=True)
    compare = models.CharField(max_length=8, choices=Compare.choices, blank=True, default=Compare.ANY)
    bound = models.FloatField(null=True, blank=True)
    has_words = models.BooleanField(default=False)
    # Any of these, in any case, anywhere in the words.
    words = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    location = models.ForeignKey(Location, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    language = models.CharField(max_length=10, blank=True)
    tenant_id = models.CharField(max_length=255, blank=True)

    # Effects.
    item_type = models.CharField(max_length=20, choices=FeedbackItem.Type.choices, default=FeedbackItem.Type.COMPLAINT)
    area = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=12, choices=FeedbackItem.Status.choices, default=FeedbackItem.Status.NEW)
    sla_target = models.ForeignKey(ServiceTarget, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    labels = models.ManyToManyField(Label, blank=True, related_name="+")
    # Taken in turn; one alone gets them all, none leaves them to nobody.
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")
    turn = models.PositiveBigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TenantQuerySet["TriageRule"].as_manager()

    class Meta:
        verbose_name = "triage rule"
        constraints = [
            models.UniqueConstraint(fields=["account"], condition=Q(built_in=True), name="rule_built_in_once"),
            models.CheckConstraint(
                condition=Q(signal__in=["answer", "record", "thumb", "review"]), name="rule_signal_known"
            ),
            models.CheckConstraint(
                condition=Q(compare__in=["", "unhappy", "happy", "at_most", "at_least"]), name="rule_compare_known"
            ),
            # A bound means something on one scale only.
            models.CheckConstraint(
                condition=(Q(compare__in=["at_most", "at_least"], bound__isnull=False) & ~Q(field_type=""))
                | (~Q(compare__in=["at_most", "at_least"]) & Q(bound=None)),
                name="rule_bound_iff_compared",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "position", "id"], name="rule_order"),
            # Asked with every record that is stored (feedback/models/triggers.py): does anybody want it sorted?
            models.Index(
                fields=["account"], name="rule_of_records", condition=Q(enabled=True, signal__in=["record", "thumb"])
            ),
        ]

    def __str__(self) -> str:
        return self.name


class UnsortedAnswer(models.Model):
    """A sitting that something was stored of since rules last looked at it; several rows may name the same one.

    Written by the trigger of the records' table, in the transaction that stores the record, only for accounts with a
    rule that may concern it. Gone when it has been looked at (feedback/domain/rules/queue.py).
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    contract = models.CharField(max_length=12, choices=FeedbackRecord.Contract.choices)
    tenant_id = models.CharField(max_length=255, blank=True)
    submission_id = models.CharField(max_length=255)
    due_at = models.DateTimeField()
    # Looks that failed; each puts the next one off for longer.
    tries = models.PositiveSmallIntegerField(default=0)

    objects = TenantQuerySet["UnsortedAnswer"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["account", "due_at", "id"], name="unsorted_due")]

    def __str__(self) -> str:
        return self.submission_id
