"""Who wants a digest by mail, and how often."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models.account import check_time_zone
from accounts.models.user import User


class DigestChoice(models.Model):
    """One person's; without a row they get none."""

    class Every(models.TextChoices):
        NEVER = "never", "Never"
        WORKDAY = "workday", "Every working day, Monday to Friday"
        WEEK = "week", "Every Monday"

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="digest")
    every = models.CharField(max_length=7, choices=Every.choices, default=Every.NEVER)
    # Where it is eight o'clock when the mail goes.
    time_zone = models.CharField(max_length=64, default="UTC", validators=[check_time_zone])
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(every__in=["never", "workday", "week"]), name="digest_every_known")
        ]
        indexes = [models.Index(fields=["user"], name="digest_wanted", condition=~Q(every="never"))]

    def __str__(self) -> str:
        return f"{self.get_every_display()} to {self.user}"
