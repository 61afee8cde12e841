"""One ask."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from accounts.models import Account
from accounts.models.base import PublicIdField, TenantQuerySet
from campaigns.models.campaign import Enrolment, Step
from campaigns.models.template import MessageTemplate
from crm.models import Customer, Location
from feedback.models import Response
from feedbackhub.ids import new_token


@pghistory.track(exclude=["landing_token"])
class FeedbackRequest(models.Model):
    """Asks one customer once; has a landing page, at most one message and at most one answer."""

    public_id = PublicIdField()
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="feedback_requests")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="feedback_requests")
    template = models.ForeignKey(
        MessageTemplate, on_delete=models.PROTECT, related_name="feedback_requests", db_index=False
    )
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="feedback_requests", db_index=False)
    # The run and the step that asked; neither of a stand-alone request.
    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.SET_NULL, null=True, blank=True, related_name="requests", db_index=False
    )
    campaign_step = models.ForeignKey(
        Step, on_delete=models.PROTECT, null=True, blank=True, related_name="requests", db_index=False
    )
    due_at = models.DateTimeField()
    # A link was made, nothing is sent.
    suppressed = models.BooleanField(default=False)
    # Opens the landing page without signing in; never logged.
    landing_token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    response = models.OneToOneField(
        Response, on_delete=models.SET_NULL, null=True, blank=True, related_name="feedback_request"
    )
    opened_at = models.DateTimeField(null=True, blank=True)
    clicked_at = models.DateTimeField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)
    bounce_reason = models.CharField(max_length=500, null=True, blank=True)
    complained_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # Moves with every event: sent, clicked, bounced, answered.
    updated_at = models.DateTimeField(auto_now=True)

    objects = TenantQuerySet["FeedbackRequest"].as_manager()

    class Meta:
        verbose_name = "request"
        constraints = [
            # A step asks a person once a run, whatever the code does.
            models.UniqueConstraint(
                fields=["enrolment", "campaign_step"],
                condition=Q(enrolment__isnull=False),
                name="request_once_a_step",
            ),
        ]
        indexes = [
            # Partial: adding it to a table of stand-alone requests costs nothing.
            models.Index(
                fields=["campaign_step", "-created_at", "-id"],
                condition=Q(campaign_step__isnull=False),
                name="request_step_created",
            ),
            models.Index(
                fields=["account", "-created_at", "-id"],
                condition=Q(campaign_step=None),
                name="request_alone_created",
            ),
            models.Index(fields=["account", "-created_at", "-id"], name="request_account_created"),
            models.Index(fields=["template", "-created_at", "-id"], name="request_template_created"),
            models.Index(fields=["location", "-created_at", "-id"], name="request_location_created"),
            models.Index(fields=["account", "due_at", "id"], name="request_account_due"),
            models.Index(fields=["account", "updated_at", "id"], name="request_account_updated"),
            # Few have these, and what is rare is found at once.
            *(
                models.Index(
                    fields=["account", "-created_at", "-id"],
                    name=f"request_{event}",
                    condition=Q((f"{event}_at__isnull", False)),
                )
                for event in ("opened", "clicked", "bounced", "complained")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} to {self.customer}"
