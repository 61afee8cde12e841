"""The unit of work that staff triage."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import BigIntegerField, F, Func, Q, Value
from django.db.models.functions import Left, Lower, Upper

from accounts.models import Account
from accounts.models.base import TenantQuerySet
from crm.models import Customer, Location
from feedback.models.bands import EVIDENCE_CHANGED, Band
from feedback.models.record import FeedbackRecord
from feedback.models.resuming import MERGED_OR_NOT
from feedback.models.sla import ServiceTarget
from feedbackhub.ids import uuid7

# How much of a message is looked at to find others like it.
LOOKED_AT = 300


def words_key() -> Func:
    """One number for a text, whatever its case, spaces and marks: what is said again word for word has the same."""
    bare = Func(F("message"), Value("[[:space:][:punct:]]+"), Value(""), Value("g"), function="regexp_replace")
    return Func(Lower(bare), Value(0), function="hashtextextended", output_field=BigIntegerField())


def words_vector() -> Func:
    """The words of a message for search, and its account as one of them, so that one index holds both."""
    return Func(
        F("account"),
        Left("message", LOOKED_AT),
        # In the order in which a migration writes them: another order would be another expression.
        arg_joiner="::text || ' ' || ",
        output_field=SearchVectorField(),
        template="to_tsvector('simple'::regconfig, 'account' || %(expressions)s)",
    )


# The band follows from the answers behind it.
@pghistory.track(exclude=["score_band"])
class FeedbackItem(models.Model):
    """Something somebody said that wants a decision.

    The snapshots say how things were when it was submitted and never change. Which moves between statuses stamp or
    clear `reviewed_*` and `closed_*` is decided by feedback/domain/triage.py and held by the constraints below.
    """

    class Type(models.TextChoices):
        BUG = "bug", "Bug"
        CONFUSING = "confusing", "Confusing"
        FEATURE_REQUEST = "feature_request", "Feature request"
        MISSING_CAPABILITY = "missing_capability", "Missing capability"
        COMPLAINT = "complaint", "Complaint"
        PRAISE = "praise", "Praise"
        OTHER = "other", "Other"

    class Status(models.TextChoices):
        NEW = "new", "New"
        REVIEWED = "reviewed", "Reviewed"
        PLANNED = "planned", "Planned"
        IN_PROGRESS = "in_progress", "In progress"
        SHIPPED = "shipped", "Shipped"
        CLOSED = "closed", "Closed"
        IGNORED = "ignored", "Ignored"
        SPAM = "spam", "Spam"

    TERMINAL = (Status.SHIPPED, Status.CLOSED, Status.IGNORED, Status.SPAM)

    class Channel(models.TextChoices):
        PRODUCT = "product", "In-app"
        REQUEST = "request", "Feedback request"
        KIOSK = "kiosk", "Kiosk"
        REVIEW = "review", "Review"
        AI_REPLY = "ai_reply", "AI reply"
        RECORD = "record", "Record"
        CONSOLE = "console", "Console"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Lists sort what they find: the indexes below start with each relation.
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="items", db_index=False)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    type = models.CharField(max_length=20, choices=Type.choices, default=Type.OTHER)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.NEW)
    message = models.TextField()
    area = models.CharField(max_length=200, null=True, blank=True)
    route = models.CharField(max_length=2048, null=True, blank=True)
    allow_contact = models.BooleanField(default=False)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="assigned_items",
        db_index=False,
    )
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, blank=True, related_name="items")
    location = models.ForeignKey(
        Location, on_delete=models.SET_NULL, null=True, blank=True, related_name="items", db_index=False
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="submitted_items"
    )

    # Snapshots, taken at submission.
    user_agent = models.CharField(max_length=1000, null=True, blank=True, editable=False)
    client_version = models.CharField(max_length=100, null=True, blank=True, editable=False)
    server_version = models.CharField(max_length=100, null=True, blank=True, editable=False)
    environment = models.CharField(max_length=50, null=True, blank=True, editable=False)
    plan_snapshot = models.CharField(max_length=100, null=True, blank=True, editable=False)
    business_name_snapshot = models.CharField(max_length=200, null=True, blank=True, editable=False)
    user_email_snapshot = models.CharField(max_length=254, null=True, blank=True, editable=False)
    user_name_snapshot = models.CharField(max_length=200, null=True, blank=True, editable=False)

    # Triage; never shown to the submitter.
    admin_note = models.TextField(null=True, blank=True)
    external_issue_url = models.URLField(max_length=2048, null=True, blank=True)
    duplicate_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="duplicates"
    )
    # Whether what comes in later and says the same as this item, or as one of its duplicates, joins them by itself.
    takes_alike = models.BooleanField(default=True, editable=False)
    reviewed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Codes of the acting user or key (accounts/domain/actors.py), kept when either is deleted.
    reviewed_by = models.CharField(max_length=40, null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_by = models.CharField(max_length=40, null=True, blank=True, editable=False)
    # What a rule made it of (feedback/domain/rules/sittings.py): one sitting becomes one item, whoever looks at it.
    origin = models.UUIDField(null=True, blank=True, editable=False)
    # When its clocks run out and whether the first was stopped (feedback/domain/sla/clocks.py); `sla_due_at` is that of
    # the clock that runs out next.
    sla_target = models.ForeignKey(
        ServiceTarget, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    first_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    resolve_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    first_met_at = models.DateTimeField(null=True, blank=True, editable=False)
    sla_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Worked out by trigger (feedback/models/bands.py); null without a score.
    score_band = models.PositiveSmallIntegerField(choices=Band.choices, null=True, blank=True, editable=False)
    # Counts every change: whoever saves an older version is told instead of overwriting.
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TenantQuerySet["FeedbackItem"].as_manager()

    class Meta:
        verbose_name = "item"
        verbose_name_plural = "inbox"
        triggers = [MERGED_OR_NOT]
        constraints = [
            models.CheckConstraint(
                condition=Q(reviewed_at=None, reviewed_by=None)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False),
                name="item_reviewed_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None) | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="item_closed_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["shipped", "closed", "ignored", "spam"], closed_at__isnull=False)
                | Q(status__in=["new", "reviewed", "planned", "in_progress"], closed_at=None),
                name="item_terminal_iff_closed",
            ),
            models.CheckConstraint(
                condition=Q(
                    type__in=[
                        "bug",
                        "confusing",
                        "feature_request",
                        "missing_capability",
                        "complaint",
                        "praise",
                        "other",
                    ]
                ),
                name="item_type_known",
            ),
            models.CheckConstraint(condition=Q(score_band=None) | Q(score_band__in=[1, 2, 3]), name="item_score_band"),
            models.CheckConstraint(condition=~Q(status="new") | Q(reviewed_at=None), name="item_new_is_not_reviewed"),
            models.CheckConstraint(
                condition=Q(duplicate_of=None) | ~Q(duplicate_of=F("id")), name="item_not_its_own_duplicate"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(sla_due_at=None), name="item_closed_has_no_clock_running"
            ),
            models.CheckConstraint(
                condition=Q(duplicate_of=None) | Q(sla_due_at=None), name="item_duplicate_has_no_clock_running"
            ),
            models.UniqueConstraint(
                fields=["account", "origin"], condition=Q(origin__isnull=False), name="item_origin_once"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "status", "-created_at", "-id"], name="item_inbox"),
            models.Index(fields=["account", "-created_at", "-id"], name="item_account_created"),
            # Clocks that run, by when they run out.
            models.Index(
                fields=["account", "sla_due_at", "id"], name="item_sla_due", condition=Q(sla_due_at__isnull=False)
            ),
            # Of all accounts, for those who run the hub.
            models.Index(fields=["status", "-created_at", "-id"], name="item_status"),
            models.Index(fields=["-created_at", "-id"], name="item_created"),
            # The inbox's filters and orders, newest first with one value.
            models.Index(
                fields=["assignee", "status", "-created_at", "-id"],
                name="item_assigned",
                condition=Q(assignee__isnull=False),
            ),
            models.Index(
                fields=["location", "-created_at", "-id"], name="item_location", condition=Q(location__isnull=False)
            ),
            models.Index(fields=["account", "area", "-created_at", "-id"], name="item_area", condition=~Q(area=None)),
            models.Index(
                fields=["account", "score_band", "-created_at", "-id"],
                name="item_band",
                condition=Q(score_band__isnull=False),
            ),
            models.Index(fields=["account", "-updated_at", "-id"], name="item_changed"),
            # The words of feedback/domain/queries/inbox_search.py, as Django asks for them.
            GinIndex(
                *(
                    OpClass(Upper(name), name="gin_trgm_ops")
                    for name in (
                        "message",
                        "area",
                        "user_email_snapshot",
                        "user_name_snapshot",
                        "external_issue_url",
                    )
                ),
                name="item_search",
            ),
            # Those that may be somebody's who becomes known later: crm/domain/lookbacks.py.
            models.Index(
                "account",
                Lower("user_email_snapshot"),
                name="item_unknown_email",
                condition=Q(customer=None, user_email_snapshot__isnull=False),
            ),
            # Items like another one: feedback/domain/queries/alike.py.
            GinIndex(words_vector(), name="item_words", condition=Q(duplicate_of=None, closed_at=None)),
            # What was said before word for word, newest first, and the members of groups: feedback/domain/arrivals.py.
            models.Index(F("account"), words_key(), F("created_at").desc(), name="item_same_words"),
            models.Index(
                fields=["account", "-created_at"], name="item_repeated", condition=Q(duplicate_of__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.message[:80]


@pghistory.track()
class ItemNote(models.Model):
    """What staff tell each other about an item."""

    item = models.ForeignKey(FeedbackItem, on_delete=models.CASCADE, related_name="notes")
    author = models.CharField(max_length=40)
    author_name = models.CharField(max_length=200)
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["item", "created_at"], name="note_item_created")]

    def __str__(self) -> str:
        return self.body[:80]


class Evidence(models.Model):
    """A typed answer that stands behind an item."""

    item = models.ForeignKey(FeedbackItem, on_delete=models.CASCADE, related_name="evidence")
    record = models.ForeignKey(FeedbackRecord, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "evidence"
        constraints = [models.UniqueConstraint(fields=["item", "record"], name="evidence_once")]
        triggers = [EVIDENCE_CHANGED]

    def __str__(self) -> str:
        return str(self.record)
