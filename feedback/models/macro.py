"""Named sets of changes that staff make over and over."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models import Account
from accounts.models.base import TenantQuerySet
from feedback.models.item import FeedbackItem
from feedback.models.label import Label


@pghistory.track()
class Macro(models.Model):
    """What it names is set, what it leaves blank stays; applied by feedback/domain/macros.py."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="macros", db_index=False)
    name = models.CharField(max_length=60)
    # Pressed after `m` on an item's page.
    key = models.PositiveSmallIntegerField(null=True, blank=True)
    status = models.CharField(max_length=12, choices=FeedbackItem.Status.choices, blank=True)
    type = models.CharField(max_length=20, choices=FeedbackItem.Type.choices, blank=True)
    area = models.CharField(max_length=200, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # To whoever applies it.
    assign_to_me = models.BooleanField(default=False)
    labels = models.ManyToManyField(Label, blank=True, related_name="macros")
    note = models.TextField(max_length=10_000, blank=True)
    reply = models.TextField(max_length=5_000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TenantQuerySet["Macro"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("account", Lower("name"), name="macro_name_once"),
            models.UniqueConstraint(fields=["account", "key"], condition=Q(key__isnull=False), name="macro_key_once"),
            models.CheckConstraint(condition=Q(key=None) | Q(key__gte=1, key__lte=9), name="macro_key_a_digit"),
            models.CheckConstraint(condition=Q(assignee=None) | Q(assign_to_me=False), name="macro_one_assignee"),
        ]

    def __str__(self) -> str:
        return self.name
