"""One person's answer on a landing or kiosk page."""

from __future__ import annotations

from django.db import models

from accounts.models import Account
from accounts.models.base import PublicIdField, TenantQuerySet
from crm.models import Customer, Location
from feedback.models.record import FeedbackRecord


class Response(models.Model):
    """Holds together the typed answers of one sitting: a score and perhaps a comment, each a FeedbackRecord."""

    class Kind(models.TextChoices):
        NPS = "nps", "NPS"
        STAR_RATING = "star-rating", "Stars"
        HAPPY = "happy"

    public_id = PublicIdField()
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="responses")
    kind = models.CharField(max_length=11, choices=Kind.choices)
    location = models.ForeignKey(
        Location, on_delete=models.PROTECT, null=True, blank=True, related_name="responses", db_index=False
    )
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, blank=True, related_name="responses")
    score = models.OneToOneField(FeedbackRecord, on_delete=models.CASCADE, related_name="scored_response")
    comment = models.OneToOneField(
        FeedbackRecord, on_delete=models.SET_NULL, null=True, blank=True, related_name="commented_response"
    )
    # The review platform whose link was followed afterwards.
    platform_name = models.CharField(max_length=100, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantQuerySet["Response"].as_manager()

    class Meta:
        verbose_name = "answer"
        indexes = [
            models.Index(fields=["account", "-created_at", "-id"], name="response_account_created"),
            models.Index(fields=["account", "kind", "-created_at", "-id"], name="response_kind_created"),
            models.Index(fields=["location", "-created_at", "-id"], name="response_location_created"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"
