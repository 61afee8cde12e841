"""What an account lets its campaigns do."""

from __future__ import annotations

from datetime import time

import pghistory
from django.db import models
from django.db.models import F, Q

from accounts.models import Account
from accounts.models.base import TenantQuerySet


@pghistory.track()
class SendingRules(models.Model):
    """Hours, holidays, pauses and countries. An account without a row has the defaults."""

    class Scope(models.TextChoices):
        ALL = "all", "Everything"
        CHANNEL = "channel", "Only SMS"

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="sending_rules")
    # Times of day where the person is; nothing is sent outside of them. The law may ask for more.
    day_start = models.TimeField(default=time(9))
    day_end = models.TimeField(default=time(20))
    # Also requests made one by one, which otherwise go when their caller says.
    hold_stand_alone = models.BooleanField(default=False)
    # A country, perhaps with a part of it, whose public holidays are kept: AT, US-CA. Blank: none.
    holidays = models.CharField(max_length=10, blank=True)
    # Rolling, over all locations and channels; 0 lets a campaign ask as often as it likes, but never twice a day.
    days_between = models.PositiveSmallIntegerField(default=30)
    # Countries that SMS may go to; none given: all.
    sms_countries = models.JSONField(default=list, blank=True)
    # What a STOP by SMS ends.
    opt_out_scope = models.CharField(max_length=7, choices=Scope.choices, default=Scope.ALL)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TenantQuerySet["SendingRules"].as_manager()

    class Meta:
        verbose_name = "sending rules"
        verbose_name_plural = "sending rules"
        constraints = [
            models.CheckConstraint(condition=Q(day_start__lt=F("day_end")), name="sending_day_not_empty"),
            models.CheckConstraint(condition=Q(opt_out_scope__in=["all", "channel"]), name="opt_out_scope_known"),
        ]

    def __str__(self) -> str:
        return f"Sending rules of {self.account}"
