"""What staff write back to whoever said something. Being sent is its message's business (campaigns)."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import Account
from accounts.models.base import TenantQuerySet
from crm.models import Customer
from feedback.models.item import FeedbackItem
from feedbackhub.ids import uuid7


class Reply(models.Model):
    """One person's words to one person about one item; never changed."""

    class Channel(models.TextChoices):
        EMAIL = "email", "E-mail"
        SMS = "sms", "SMS"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="replies")
    item = models.ForeignKey(FeedbackItem, on_delete=models.CASCADE, related_name="replies", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="replies")
    channel = models.CharField(max_length=5, choices=Channel.choices)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    author = models.CharField(max_length=40)
    author_name = models.CharField(max_length=200)
    # Chosen when the form was shown: sending the form twice is one reply.
    token = models.UUIDField(default=uuid.uuid4)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantQuerySet["Reply"].as_manager()

    class Meta:
        verbose_name_plural = "replies"
        constraints = [
            models.UniqueConstraint(fields=["item", "token"], name="reply_once_a_form"),
            models.CheckConstraint(condition=Q(channel__in=["email", "sms"]), name="reply_channel_known"),
        ]
        indexes = [models.Index(fields=["item", "created_at"], name="reply_item_created")]

    def __str__(self) -> str:
        return self.subject or self.body[:80]
