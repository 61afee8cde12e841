"""The words of a message, in Liquid."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from accounts.models import Account
from accounts.models.base import PublicIdField, TenantQuerySet
from feedback.models import Response


class MessageTemplateQuerySet(TenantQuerySet["MessageTemplate"]):
    def alive(self) -> MessageTemplateQuerySet:
        return self.filter(deleted_at=None)


@pghistory.track()
class MessageTemplate(models.Model):
    """An e-mail or an SMS, and the question its landing page asks."""

    class Channel(models.TextChoices):
        EMAIL = "email", "E-mail"
        SMS = "sms", "SMS"

    public_id = PublicIdField()
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="templates")
    name = models.CharField(max_length=200)
    channel = models.CharField(max_length=5, choices=Channel.choices)
    question = models.CharField(max_length=11, choices=Response.Kind.choices, default=Response.Kind.NPS)
    subject = models.CharField(max_length=200, blank=True)
    # Text for SMS; HTML's inner part for e-mail. The e-mail's text part is derived unless given.
    body = models.TextField()
    text_body = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = MessageTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = "template"
        constraints = [
            models.CheckConstraint(
                condition=Q(channel="sms", subject="") | Q(channel="email") & ~Q(subject=""),
                name="template_subject_iff_email",
            ),
        ]
        indexes = [models.Index(fields=["account", "-created_at"], name="template_account_created")]

    def __str__(self) -> str:
        return self.name
