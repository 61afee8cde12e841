"""A review left elsewhere, in public."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from accounts.models import Account
from accounts.models.base import PublicIdField, TenantQuerySet
from crm.models import Location
from feedback.models import FeedbackRecord
from reviews.models.platform import Platform


@pghistory.track()
class Review(models.Model):
    """Words here, stars in `record` (value_number on value_scale): one table of typed answers feeds all scores."""

    public_id = PublicIdField()
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="reviews")
    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="reviews", db_index=False)
    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="reviews", db_index=False)
    # The platform's own id of the review, where it has one.
    external_id = models.CharField(max_length=255, null=True, blank=True)
    title = models.CharField(max_length=500, null=True, blank=True)
    description = models.TextField(null=True, blank=True)
    record = models.OneToOneField(
        FeedbackRecord, on_delete=models.SET_NULL, null=True, blank=True, related_name="review"
    )
    # `record` brought to a scale of 5 when the review came in, for lists to filter and sort by; null without stars.
    rating_of_five = models.FloatField(null=True, blank=True, editable=False)
    url = models.URLField(max_length=2048, null=True, blank=True)
    reviewer_name = models.CharField(max_length=200, null=True, blank=True)
    reviewer_image = models.URLField(max_length=2048, null=True, blank=True)
    reviewer_url = models.URLField(max_length=2048, null=True, blank=True)
    reviewed_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantQuerySet["Review"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "location", "platform", "external_id"],
                condition=Q(external_id__isnull=False),
                name="review_once",
            ),
            models.CheckConstraint(
                condition=Q(rating_of_five=None) | Q(rating_of_five__gte=0, rating_of_five__lte=5),
                name="review_rating_within_five",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-reviewed_at", "-id"], name="review_account_date"),
            models.Index(fields=["location", "-reviewed_at", "-id"], name="review_location_date"),
            models.Index(fields=["platform", "account", "-reviewed_at", "-id"], name="review_platform_date"),
            models.Index(fields=["account", "rating_of_five", "id"], name="review_account_rating"),
            models.Index(fields=["account", "title", "id"], name="review_account_title"),
            models.Index(fields=["account", "reviewer_name", "id"], name="review_account_reviewer"),
        ]

    def __str__(self) -> str:
        return self.title or (self.description or "")[:80]
