"""Long work that somebody asked for: its state, and the files that belong to it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.account import Account
from accounts.models.base import PublicIdField, TenantQuerySet


class Job(models.Model):
    """An import, an export or another piece of work that takes longer than a page may.

    Worked off in steps, each of which is one transaction: the rows it writes and `place`, where the next one goes on,
    are committed together (accounts/domain/jobs.py). Not tracked by the audit: the rows that a step writes are.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Not started"
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    OPEN = (State.WAITING, State.RUNNING)
    OVER = (State.DONE, State.FAILED, State.CANCELLED)

    public_id = PublicIdField()
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="jobs", db_index=False)
    # Names the code that knows the work: accounts.domain.jobs.register.
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    # What the kind needs to know; its own words.
    options = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    done = models.PositiveBigIntegerField(default=0)
    # Null: nobody knows yet.
    total = models.PositiveBigIntegerField(null=True, blank=True)
    # What came of the rows, such as {"created": 3}; its keys are words for people.
    counts = models.JSONField(default=dict, blank=True)
    place = models.JSONField(default=dict, blank=True)
    problem = models.CharField(max_length=500, blank=True)
    # Steps begun since one was finished: work that kills its worker is given up.
    tries = models.PositiveSmallIntegerField(default=0)
    # When a worker looks at it next. In the future while one has it: a lease.
    next_at = models.DateTimeField(default=timezone.now)
    # Grows with every lease: a holder whose lease was taken over commits nothing any more.
    fence = models.BigIntegerField(default=0)
    created_by = models.CharField(max_length=60)
    created_by_name = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # When its files are deleted.
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet["Job"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "waiting", "running", "done", "failed", "cancelled"]),
                name="job_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["done", "failed", "cancelled"], finished_at__isnull=False)
                | Q(state__in=["draft", "waiting", "running"], finished_at=None),
                name="job_finished_iff_over",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-created_at", "-id"], name="job_account_created"),
            models.Index(fields=["next_at", "id"], condition=Q(state__in=["waiting", "running"]), name="job_due"),
            models.Index(fields=["expires_at"], condition=Q(expires_at__isnull=False), name="job_expires"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def percent(self) -> int | None:
        """How much is done; None while nobody knows."""
        if self.state == self.State.DONE:
            return 100
        return min(99, self.done * 100 // self.total) if self.total else None


class JobFile(models.Model):
    """A file of a job, in the database: every web and worker machine has it, and it goes with the row."""

    class Role(models.TextChoices):
        # In pieces of rows, as the kind wants them; never downloaded, and gone when the job is over.
        INPUT = "input", "What came in"
        RESULT = "result", "Result"
        ERRORS = "errors", "Rows that were not taken"

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="files")
    role = models.CharField(max_length=6, choices=Role.choices)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(default=0)
    pieces = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "role"], name="job_file_once"),
            models.CheckConstraint(condition=Q(role__in=["input", "result", "errors"]), name="job_file_role_known"),
        ]

    def __str__(self) -> str:
        return self.name


class JobPiece(models.Model):
    """A part of a file, small enough to hold in memory."""

    file = models.ForeignKey(JobFile, on_delete=models.CASCADE, related_name="parts", db_index=False)
    seq = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "seq"], name="job_piece_once")]

    def __str__(self) -> str:
        return f"{self.file} {self.seq}"
