"""The ledger: a logical message, and one attempt row per permission to call a provider."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from accounts.models import Account
from accounts.models.base import TenantQuerySet
from campaigns.models.campaign import Step
from campaigns.models.request import FeedbackRequest
from campaigns.models.template import MessageTemplate
from crm.models import Customer
from feedback.models import Reply
from feedbackhub.ids import new_token, uuid7


class Message(models.Model):
    """One message to one address. `state` moves only by compare-and-set (campaigns/domain/sender)."""

    class State(models.TextChoices):
        SCHEDULED = "scheduled", "Scheduled"
        HELD = "held", "Held: its campaign is paused"
        LEASED = "leased", "Being sent"
        RECON = "recon", "Fate unknown, being looked up"
        ACCEPTED = "accepted", "Accepted by the provider"
        DELIVERED = "delivered", "Delivered"
        BOUNCED = "bounced", "Bounced"
        FAILED = "failed", "Failed"
        SUPPRESSED = "suppressed", "Held back: do not contact"
        CANCELLED = "cancelled", "Cancelled"
        EXPIRED = "expired", "Too late to send"
        UNKNOWN_FINAL = "unknown_final", "Fate unknown"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="messages")
    feedback_request = models.OneToOneField(
        FeedbackRequest, on_delete=models.CASCADE, null=True, blank=True, related_name="message"
    )
    # Or somebody's own words to one person. The message outlives an item that is deleted with its replies.
    reply = models.OneToOneField(Reply, on_delete=models.SET_NULL, null=True, blank=True, related_name="message")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="messages")
    # Of a campaign's message: its step, and which run of the person through the campaign.
    campaign_step = models.ForeignKey(
        Step, on_delete=models.PROTECT, null=True, blank=True, related_name="messages", db_index=False
    )
    campaign_entry = models.PositiveSmallIntegerField(null=True, blank=True)
    channel = models.CharField(max_length=5, choices=MessageTemplate.Channel.choices)
    # Frozen: a later change of the customer's address does not redirect it.
    address = models.CharField(max_length=254)
    # What is sent, rendered when scheduled (edits of the template never touch it), byte-identical on a re-drive.
    from_name = models.CharField(max_length=100, blank=True)
    reply_to = models.EmailField(blank=True)
    subject = models.CharField(max_length=300, blank=True)
    text_body = models.TextField()
    html_body = models.TextField(blank=True)
    sms_segments = models.PositiveSmallIntegerField(default=0)
    # Opens the unsubscribe page; lives as long as the row.
    unsubscribe_token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    due_at = models.DateTimeField()
    # Past it the message expires unsent.
    not_after = models.DateTimeField()
    # When the sender looks at it next: `due_at` at first, later after a refusal, a gate that says "wait", or while
    # its fate is being looked up.
    next_try_at = models.DateTimeField()
    state = models.CharField(max_length=13, choices=State.choices, default=State.SCHEDULED)
    reason = models.CharField(max_length=500, blank=True)
    lease_owner = models.CharField(max_length=80, null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    # Grows with every lease: a holder whose lease was taken over can write nothing any more.
    fence = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TenantQuerySet["Message"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="leased", lease_owner__isnull=False, lease_until__isnull=False)
                | ~Q(state="leased") & Q(lease_owner=None, lease_until=None),
                name="message_leased_iff_owner",
            ),
            models.CheckConstraint(condition=Q(not_after__gte=models.F("due_at")), name="message_window_not_empty"),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "scheduled",
                        "held",
                        "leased",
                        "recon",
                        "accepted",
                        "delivered",
                        "bounced",
                        "failed",
                        "suppressed",
                        "cancelled",
                        "expired",
                        "unknown_final",
                    ]
                ),
                name="message_state_known",
            ),
            models.CheckConstraint(
                condition=Q(campaign_step=None, campaign_entry=None)
                | Q(campaign_step__isnull=False, campaign_entry__isnull=False),
                name="message_step_with_entry",
            ),
            models.CheckConstraint(condition=Q(feedback_request=None) | Q(reply=None), name="message_asks_or_replies"),
            # One message a step, run and address, even if two rows share an address; and one a person, even if
            # their address changes.
            models.UniqueConstraint(
                "account",
                "campaign_step",
                "campaign_entry",
                "channel",
                Lower("address"),
                condition=Q(campaign_step__isnull=False),
                name="message_once_a_step",
            ),
            models.UniqueConstraint(
                fields=["account", "campaign_step", "campaign_entry", "customer", "channel"],
                condition=Q(campaign_step__isnull=False),
                name="message_once_a_person",
            ),
        ]
        indexes = [
            # The sender's queue, read by account and channel so that a big one or a dead one cannot delay the rest.
            models.Index(
                fields=["account", "channel", "next_try_at", "id"], condition=Q(state="scheduled"), name="message_due"
            ),
            models.Index(fields=["not_after"], condition=Q(state="scheduled"), name="message_last_moment"),
            models.Index(fields=["lease_until"], condition=Q(state="leased"), name="message_leases"),
            models.Index(fields=["next_try_at"], condition=Q(state="recon"), name="message_recon"),
            # Fates that somebody should look at: counted on every page of the console.
            models.Index(
                fields=["account", "channel"], condition=Q(state__in=["recon", "unknown_final"]), name="message_unknown"
            ),
            models.Index(fields=["account", "-created_at", "-id"], name="message_account_created"),
            models.Index(
                fields=["campaign_step", "state"], condition=Q(campaign_step__isnull=False), name="message_step_state"
            ),
            # Whose messages an incoming SMS answers.
            models.Index(fields=["address", "-created_at"], condition=Q(channel="sms"), name="message_sms_address"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} to {self.address}"


class SendAttempt(models.Model):
    """A committed permission to call a provider once; written before any byte leaves."""

    class Outcome(models.TextChoices):
        STARTED = "started"
        UNKNOWN = "unknown"
        ACCEPTED = "accepted"
        REJECTED = "rejected"
        NOT_SENT = "not_sent"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attempts")
    seq = models.PositiveIntegerField()
    # `<kind>` for the hub's own, `<kind>@<public id>` for an account's: nobody else repeats or reports its calls.
    provider = models.CharField(max_length=40)
    # "<message id>:<seq>", handed to providers that deduplicate by key.
    idem_key = models.CharField(max_length=60, unique=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.STARTED)
    # Grows when a provider that deduplicates is called again under the same key.
    calls_granted = models.PositiveSmallIntegerField(default=1)
    # Until when that provider remembers the key; null for one that remembers none.
    key_expires_at = models.DateTimeField(null=True, blank=True)
    # The month its SMS segments were charged to, to give them back if nothing was sent.
    quota_month = models.DateField(null=True, blank=True)
    fence = models.BigIntegerField()
    owner = models.CharField(max_length=80)
    provider_ref = models.CharField(max_length=255, blank=True)
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)
    # The database's clock, like every time the sender compares.
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # Whatever the code does: no second live attempt for one message.
            models.UniqueConstraint(
                fields=["message"],
                condition=Q(outcome__in=["started", "unknown", "accepted"]),
                name="one_live_attempt",
            ),
            models.UniqueConstraint(fields=["message", "seq"], name="attempt_seq_once"),
            # An outcome outside the index above would let a second one live.
            models.CheckConstraint(
                condition=Q(outcome__in=["started", "unknown", "accepted", "rejected", "not_sent"]),
                name="attempt_outcome_known",
            ),
        ]
        indexes = [
            # Events that name a message only as their provider does.
            models.Index(fields=["provider_ref"], condition=~Q(provider_ref=""), name="attempt_provider_ref"),
        ]

    def __str__(self) -> str:
        return self.idem_key
