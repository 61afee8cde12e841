"""Do-not-contact rows."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from accounts.models import Account
from accounts.models.base import TenantQuerySet
from crm.models import flags
from crm.models.customer import Customer


class SuppressionQuerySet(TenantQuerySet["Suppression"]):
    def standing(self) -> SuppressionQuerySet:
        return self.filter(lifted_at=None)


@pghistory.track()
class Suppression(models.Model):
    """Why nothing may be sent, by address or by customer, on one channel or all.

    An address row survives the customer's deletion and binds whoever has the address next. A contract's `opt_out`
    and `invalid` are views of these rows. Rows are lifted, never deleted.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", "E-mail"
        SMS = "sms", "SMS"
        ALL = "all", "Any channel"

    class Reason(models.TextChoices):
        OPT_OUT = "opt_out"  # said by a caller or by staff for the customer
        UNSUBSCRIBE = "unsubscribe"  # the person, on the page or one-click
        STOP = "stop"  # the person, by SMS
        COMPLAINT = "complaint"  # the person marked a mail as spam
        HARD_BOUNCE = "hard_bounce"
        SMS_FAILED = "sms_failed"

    class Source(models.TextChoices):
        RECIPIENT = "recipient"
        CALLER = "caller"
        STAFF = "staff"
        PROVIDER = "provider"

    # Reasons that say "does not want", as against "cannot be reached".
    CONSENT_REASONS = (Reason.OPT_OUT, Reason.UNSUBSCRIBE, Reason.STOP, Reason.COMPLAINT)
    DELIVERY_REASONS = (Reason.HARD_BOUNCE, Reason.SMS_FAILED)

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="suppressions")
    channel = models.CharField(max_length=5, choices=Channel.choices)
    # Lower-case e-mail or E.164; blank when the row is about the customer as such.
    address = models.CharField(max_length=254, blank=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="suppressions")
    reason = models.CharField(max_length=12, choices=Reason.choices)
    source = models.CharField(max_length=10, choices=Source.choices)
    evidence = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    # On whose word: a START, the person's own page, staff with proof of consent.
    lift_evidence = models.JSONField(default=dict, blank=True, db_default={})

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        verbose_name = "do-not-contact entry"
        verbose_name_plural = "do not contact"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "address", "channel", "reason"],
                condition=Q(lifted_at=None) & ~Q(address=""),
                name="suppression_address_once",
            ),
            models.UniqueConstraint(
                fields=["account", "customer", "channel", "reason"],
                condition=Q(lifted_at=None, address=""),
                name="suppression_customer_once",
            ),
            models.CheckConstraint(
                condition=~Q(address="") | Q(customer__isnull=False), name="suppression_about_someone"
            ),
            models.CheckConstraint(condition=Q(channel__in=["email", "sms", "all"]), name="suppression_channel_known"),
            models.CheckConstraint(
                condition=Q(reason__in=["opt_out", "unsubscribe", "stop", "complaint", "hard_bounce", "sms_failed"]),
                name="suppression_reason_known",
            ),
        ]
        triggers = [flags.OF_SUPPRESSION]

    def __str__(self) -> str:
        return f"{self.address or self.customer} {self.channel} {self.reason}"
