"""A location's standing page: a tablet at the counter, and the link behind a printed QR code."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from accounts.models import Account
from accounts.models.base import PublicIdField, TenantQuerySet
from crm.models import Location
from feedback.models import Response
from feedbackhub.ids import new_token


@pghistory.track()
class AskPage(models.Model):
    """Asks whoever is there; nobody is known, nothing about them is kept. The address is for ever: it is printed."""

    public_id = PublicIdField()
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="ask_pages")
    location = models.OneToOneField(Location, on_delete=models.CASCADE, related_name="ask_page")
    question = models.CharField(max_length=11, choices=Response.Kind.choices, default=Response.Kind.NPS)
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TenantQuerySet["AskPage"].as_manager()

    class Meta:
        verbose_name = "kiosk and QR code"
        verbose_name_plural = "kiosks and QR codes"
        constraints = [
            models.CheckConstraint(
                condition=Q(question__in=["nps", "star-rating", "happy"]), name="ask_page_question_known"
            )
        ]

    def __str__(self) -> str:
        return f"Page of {self.location}"
