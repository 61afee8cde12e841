"""A sequence of asks, and who is in it."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import F, Q

from accounts.models import Account
from accounts.models.base import PublicIdField, TenantQuerySet
from campaigns.models.template import MessageTemplate
from crm.models import Customer, Location

EVERY_DAY = 0b1111111


class CampaignQuerySet(TenantQuerySet["Campaign"]):
    def open(self) -> CampaignQuerySet:
        """Not over: what counts against an account's limit."""
        return self.filter(state__in=Campaign.OPEN)


@pghistory.track(exclude=["expanded_to"])
class Campaign(models.Model):
    """Ongoing: people enter as they are added or by API. One-off: an audience enters at launch."""

    class Kind(models.TextChoices):
        ONGOING = "ongoing", "Ongoing"
        ONE_OFF = "one-off", "One-off"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        RUNNING = "running", "Running"
        PAUSED = "paused", "Paused"
        ENDED = "ended", "Ended"
        CANCELLED = "cancelled", "Cancelled"

    class Goal(models.TextChoices):
        ANSWER = "answer", "Any answer"
        REVIEW = "review", "A review found"

    OPEN = (State.DRAFT, State.RUNNING, State.PAUSED)

    public_id = PublicIdField()
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="campaigns", db_index=False)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=7, choices=Kind.choices, default=Kind.ONGOING)
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT, editable=False)
    goal = models.CharField(max_length=6, choices=Goal.choices, default=Goal.ANSWER)
    # None at all: every location of the account.
    locations = models.ManyToManyField(Location, related_name="campaigns", blank=True)
    # Ongoing: whether people enter by themselves when they are added to a location.
    enters_on_add = models.BooleanField(default=True)
    # Days after entering before somebody may enter again; null is never. Being added again never counts.
    reentry_days = models.PositiveSmallIntegerField(null=True, blank=True, default=180)
    # One-off: who (campaigns/domain/audience.py).
    audience = models.JSONField(default=dict, blank=True)
    # One-off: the last customer looked at; `expanded_at` when all were.
    expanded_to = models.BigIntegerField(default=0, editable=False)
    expanded_at = models.DateTimeField(null=True, blank=True, editable=False)
    launched_at = models.DateTimeField(null=True, blank=True, editable=False)
    paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["ongoing", "one-off"]), name="campaign_kind_known"),
            models.CheckConstraint(condition=Q(goal__in=["answer", "review"]), name="campaign_goal_known"),
            models.CheckConstraint(
                condition=Q(state="draft", launched_at=None, paused_at=None, ended_at=None)
                | Q(state="running", launched_at__isnull=False, paused_at=None, ended_at=None)
                | Q(state="paused", launched_at__isnull=False, paused_at__isnull=False, ended_at=None)
                | Q(state="ended", launched_at__isnull=False, paused_at=None, ended_at__isnull=False)
                | Q(state="cancelled", paused_at=None, ended_at__isnull=False),
                name="campaign_state_fits_times",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-created_at", "-id"], name="campaign_account_created"),
            # The few that work is looked for in.
            models.Index(fields=["account"], condition=Q(state="running"), name="campaign_running"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


@pghistory.track()
class Step(models.Model):
    """One message of a campaign; its channel is its template's. A removed step stays, for what was sent by it."""

    class DelayFrom(models.TextChoices):
        ENTRY = "entry", "After entering"
        PREVIOUS = "previous", "After the previous step"

    public_id = PublicIdField()
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="steps", db_index=False)
    # 1, 2, 3…
    position = models.PositiveSmallIntegerField()
    template = models.ForeignKey(MessageTemplate, on_delete=models.PROTECT, related_name="steps")
    # Days on the person's own calendar, at the same time of day; then minutes by the clock.
    delay_days = models.PositiveSmallIntegerField(default=0)
    delay_minutes = models.PositiveSmallIntegerField(default=0)
    delay_from = models.CharField(max_length=8, choices=DelayFrom.choices, default=DelayFrom.ENTRY)
    # Times of day where the person lives; both or neither.
    window_start = models.TimeField(null=True, blank=True)
    window_end = models.TimeField(null=True, blank=True)
    # Bit 0 is Monday.
    weekdays = models.PositiveSmallIntegerField(default=EVERY_DAY)
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "position"], condition=Q(removed_at=None), name="step_position_once"
            ),
            models.CheckConstraint(condition=Q(delay_from__in=["entry", "previous"]), name="step_delay_from_known"),
            models.CheckConstraint(
                condition=Q(window_start=None, window_end=None)
                | Q(window_start__isnull=False, window_end__isnull=False, window_start__lt=F("window_end")),
                name="step_window_whole",
            ),
            models.CheckConstraint(condition=Q(weekdays__gte=1, weekdays__lte=EVERY_DAY), name="step_has_a_weekday"),
        ]

    def __str__(self) -> str:
        return f"Step {self.position}"


class Enrolment(models.Model):
    """A person's run through a campaign. `entry` counts their runs: 1, then 2 after re-entering."""

    class State(models.TextChoices):
        ACTIVE = "active", "Under way"
        REACHED = "reached", "Goal reached"
        COMPLETED = "completed", "All steps done"
        LEFT = "left", "Taken out"

    class Entered(models.TextChoices):
        ADDED = "added", "Added as a customer"
        CALLER = "caller", "By API"
        STAFF = "staff", "By staff"
        AUDIENCE = "audience", "Audience"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="enrolments", db_index=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="enrolments", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="enrolments")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="enrolments")
    entry = models.PositiveSmallIntegerField(default=1)
    entered_by = models.CharField(max_length=8, choices=Entered.choices)
    entered_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.ACTIVE)
    next_step = models.ForeignKey(Step, on_delete=models.PROTECT, null=True, blank=True, related_name="waiting")
    # When the next step is looked at: its own time, or sooner when the campaign was edited.
    next_at = models.DateTimeField(null=True, blank=True)
    # When the step before was done, sent or skipped.
    last_step_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    why_ended = models.CharField(max_length=200, blank=True)

    objects = TenantQuerySet["Enrolment"].as_manager()

    class Meta:
        verbose_name = "person in a campaign"
        verbose_name_plural = "people in campaigns"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "customer"], condition=Q(state="active"), name="one_live_enrolment"
            ),
            models.UniqueConstraint(fields=["campaign", "customer", "entry"], name="enrolment_entry_once"),
            models.CheckConstraint(
                condition=Q(state="active", next_step__isnull=False, next_at__isnull=False, ended_at=None)
                | Q(
                    state__in=["reached", "completed", "left"],
                    next_step=None,
                    next_at=None,
                    ended_at__isnull=False,
                ),
                name="enrolment_active_iff_next",
            ),
        ]
        indexes = [
            # The queue of one campaign.
            models.Index(fields=["campaign", "next_at", "id"], condition=Q(state="active"), name="enrolment_due"),
            models.Index(fields=["campaign", "-entered_at", "-id"], name="enrolment_entered"),
            models.Index(fields=["account", "-entered_at", "-id"], name="enrolment_account"),
        ]

    def __str__(self) -> str:
        return f"{self.customer} in {self.campaign}"
