"""The hub's own mails to its users that are due or sent: about signing in, and digests."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models.invitation import Invitation
from accounts.models.user import User


class AccountMail(models.Model):
    """What is due is a row, so a crash loses no mail. It holds no secret: links are made when the mail is sent.

    A wished-for password reset is stored for any address, known or not, so that asking takes the same time for both.
    """

    class Kind(models.TextChoices):
        INVITATION = "invitation"
        PASSWORD_RESET = "password_reset"  # noqa: S105 - a kind of mail
        DIGEST = "digest"

    kind = models.CharField(max_length=14, choices=Kind.choices)
    email = models.EmailField()
    invitation = models.OneToOneField(Invitation, on_delete=models.CASCADE, null=True, blank=True, related_name="mail")
    # Of a digest: whose, and which day's where they are.
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="+", db_index=False)
    day = models.DateField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    # One of the two in the end; `problem` says why it was given up.
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "sign-in mail"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="invitation", invitation__isnull=False, user=None, day=None)
                | Q(kind="password_reset", invitation__isnull=True, user=None, day=None)
                | Q(kind="digest", invitation__isnull=True, user__isnull=False, day__isnull=False),
                name="account_mail_kind_fits",
            ),
            models.UniqueConstraint(fields=["user", "day"], condition=Q(kind="digest"), name="digest_once_a_day"),
            models.CheckConstraint(
                condition=Q(sent_at=None) | Q(given_up_at=None), name="account_mail_sent_or_given_up"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at", "id"], condition=Q(sent_at=None, given_up_at=None), name="account_mail_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} to {self.email}"
