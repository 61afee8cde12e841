"""Long work with progress, that no killed worker loses and none does twice.

A kind of work is registered when its app is ready:

    jobs.register(Kind("crm.import_customers", may=May.EDIT_CUSTOMERS, step=importing.step))
    jobs.create(account=…, kind="crm.import_customers", title="Import of people.csv", options={…}, actor=…)

`step(job)` does the next bounded part, a second or two of work, and says what came of it as a Step. It runs inside a
transaction that also commits `job.place`, where the step after it goes on: a worker killed in the middle has written
nothing, and the same part is done again by whoever comes next. So a step writes to the database alone; it sends
nothing and keeps nothing in the process. What it reads stands in `job.options`, `job.place` and the job's files
(accounts/domain/job_files.py). Raise HubError to end the job with words for people; anything else is tried again, and
given up after TRIES.

A tick (`accounts.run_jobs`) claims whatever is due, a step at a time and the one first that has waited longest, so
that a long job holds nobody up. A claim is a lease with a fence: of two workers with one job, one
commits. Cancelling is a write to the row; the step under way then commits nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import Min
from django.utils import timezone

from accounts.domain import actors
from accounts.domain.actors import Actor
from accounts.domain.roles import May
from accounts.models import Account, Job, JobFile
from feedbackhub import hints
from feedbackhub.errors import Conflict, HubError, LimitReached, Refused
from feedbackhub.queues import COUNTED, Lag

log = structlog.get_logger(__name__)

State = Job.State
# Longer than any step; a dead worker's job goes on after it.
LEASE = timedelta(seconds=60)
TRIES = 5
OPEN_AT_ONCE = 20
DRAFTS_AT_ONCE = 20
FILES_KEPT = timedelta(days=7)
DRAFTS_KEPT = timedelta(days=1)
KEPT = timedelta(days=90)
# The option of a job that says where people agreed to be written to.
CONSENT = "consent"


@dataclass(frozen=True)
class Step:
    """What a step came to. `rows` and `counts` are added to the job's; a `total` replaces it; `finished`: no step is
    left."""

    place: dict[str, Any] = field(default_factory=dict)
    rows: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    total: int | None = None
    finished: bool = False


@dataclass(frozen=True)
class Kind:
    """`may` is what a role must cover to ask for such a job and to read its files."""

    name: str
    may: May
    step: Callable[[Job], Step]


_kinds: dict[str, Kind] = {}


class Superseded(Exception):
    """Somebody else has the job now, or it was cancelled."""


def register(kind: Kind) -> None:
    _kinds[kind.name] = kind


def may_of(job: Job) -> May:
    """What a role must cover to read the job's files; an unknown kind's are an owner's."""
    kind = _kinds.get(job.kind)
    return kind.may if kind else May.MANAGE_ACCOUNT


def asker(job: Job) -> Actor:
    """Whoever asked for the job is who does what it does: the actor for the verbs that a step calls."""
    kind, _, id = job.created_by.partition(":")
    return Actor(kind, id, job.created_by_name)  # type: ignore[arg-type]


def create(
    *,
    account: Account,
    kind: str,
    title: str,
    actor: Actor,
    options: dict[str, Any] | None = None,
    total: int | None = None,
    draft: bool = False,
) -> Job:
    """A job, to begin at once, or a draft that `start` begins. LimitReached with OPEN_AT_ONCE under way, for a draft
    also with DRAFTS_AT_ONCE of them."""
    if kind not in _kinds:
        raise ValueError(f"no kind of job is called {kind}")
    rows = Job.objects.for_account(account)
    if rows.filter(state__in=Job.OPEN)[:OPEN_AT_ONCE].count() >= OPEN_AT_ONCE:
        raise LimitReached(f"{OPEN_AT_ONCE} jobs are under way. Wait for one of them, or cancel one.")
    if draft and rows.filter(state=State.DRAFT)[:DRAFTS_AT_ONCE].count() >= DRAFTS_AT_ONCE:
        raise LimitReached(f"{DRAFTS_AT_ONCE} jobs wait to be started. Start one of them, or cancel one.")
    now = timezone.now()
    job = Job.objects.create(
        account=account,
        kind=kind,
        title=title[:200],
        options=options or {},
        total=total,
        state=State.DRAFT if draft else State.WAITING,
        next_at=now,
        expires_at=now + DRAFTS_KEPT if draft else None,
        created_by=actor.code,
        created_by_name=actor.label[:200],
    )
    if not draft:
        transaction.on_commit(wake)
    return job


def start(*, job: Job, options: dict[str, Any]) -> Job:
    """Let a draft begin, with what was chosen; twice is refused."""
    begun = Job.objects.filter(pk=job.pk, state=State.DRAFT).update(
        state=State.WAITING, options={**job.options, **options}, next_at=timezone.now(), expires_at=None
    )
    if not begun:
        raise Conflict("This job was started already.")
    job.refresh_from_db()
    transaction.on_commit(wake)
    return job


def sized(*, job: Job, total: int) -> Job:
    """How many rows it has, told once its input is stored."""
    Job.objects.filter(pk=job.pk).update(total=total)
    job.total = total
    return job


@transaction.atomic
def cancel(*, job: Job, actor: Actor) -> None:
    """Stop it; what its finished steps did stays."""
    if not _end(job.pk, State.CANCELLED, problem=f"Cancelled by {actor.label or actor.code}."):
        raise Refused("This job is over.")


def wake() -> None:
    hints.send("accounts.run_jobs")


def run(*, seconds: float = 5.0) -> int:
    """Do due steps for some seconds; how many."""
    end, steps = monotonic() + seconds, 0
    while monotonic() < end:
        job = _claim()
        if job is None:
            break
        _take(job)
        steps += 1
    return steps


@transaction.atomic
def forget_old(*, at_most: int = 200) -> int:
    """Delete files past their time, drafts nobody started, and jobs over long ago; how many jobs were touched.

    A job that says where people agreed to be written to stays for good, without its files: it is the evidence.
    """
    now = timezone.now()
    # Held, so that nobody starts a draft between this look at it and the deleting of its files.
    expired = Job.objects.filter(expires_at__lt=now).order_by("expires_at").select_for_update(skip_locked=True)
    ids = [job.pk for job in expired[:at_most]]
    Job.objects.filter(pk__in=ids, state=State.DRAFT).delete()
    JobFile.objects.filter(job__in=ids).delete()
    Job.objects.filter(pk__in=ids).update(expires_at=None)
    over = Job.objects.filter(finished_at__lt=now - KEPT).exclude(options__has_key=CONSENT)
    old = over.order_by("finished_at").values_list("pk", flat=True)
    return len(ids) + Job.objects.filter(pk__in=list(old[:at_most])).delete()[1].get("accounts.Job", 0)


def lag() -> Lag:
    """How far this queue is behind."""
    now = timezone.now()
    due = Job.objects.filter(state__in=Job.OPEN, next_at__lte=now, account__deleted_at=None)
    first = due.aggregate(first=Min("next_at"))["first"]
    return Lag(due[:COUNTED].count(), max(0.0, (now - first).total_seconds()) if first else 0.0)


_CLAIM = """
UPDATE accounts_job SET state = 'running', tries = tries + 1, fence = fence + 1,
       next_at = clock_timestamp() + make_interval(secs => %s), started_at = COALESCE(started_at, clock_timestamp())
 WHERE id = (SELECT j.id FROM accounts_job j JOIN accounts_account a ON a.id = j.account_id AND a.deleted_at IS NULL
              WHERE j.state IN ('waiting', 'running') AND j.next_at <= clock_timestamp()
              ORDER BY j.next_at, j.id LIMIT 1 FOR UPDATE OF j SKIP LOCKED)
RETURNING id
"""


def _claim() -> Job | None:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [LEASE.total_seconds()])
        row = cursor.fetchone()
    return Job.objects.select_related("account").get(pk=row[0]) if row else None


def _take(job: Job) -> None:
    kind = _kinds.get(job.kind)
    if kind is None or job.tries > TRIES:
        why = "No worker knows this kind of job." if kind is None else f"It broke off {TRIES} times at the same place."
        _end(job.pk, State.FAILED, problem=why, fence=job.fence)
        return
    try:
        with transaction.atomic(), actors.acting(asker(job)):
            _advance(job, kind.step(job))
    except Superseded:
        log.info("job_superseded", job=job.public_id)
    except HubError as error:
        _end(job.pk, State.FAILED, problem=error.message, fence=job.fence)
    except Exception:
        log.exception("job_step_failed", job=job.public_id, tries=job.tries)
        pause = timedelta(seconds=2**job.tries)
        Job.objects.filter(pk=job.pk, fence=job.fence).update(next_at=timezone.now() + pause)


def _advance(job: Job, step: Step) -> None:
    """What was done, where the next goes on. By compare-and-set, in the step's own transaction."""
    counts = dict(job.counts)
    for name, number in step.counts.items():
        counts[name] = counts.get(name, 0) + number
    values: dict[str, Any] = {
        "place": step.place,
        "done": job.done + step.rows,
        "counts": counts,
        "tries": 0,
        "next_at": timezone.now(),
    }
    if step.total is not None:
        values["total"] = step.total
    mine = Job.objects.filter(pk=job.pk, fence=job.fence, state=State.RUNNING)
    if not mine.update(**values):
        raise Superseded
    if step.finished:
        _end(job.pk, State.DONE, fence=job.fence)


def _end(id: int, state: str, *, problem: str = "", fence: int | None = None) -> bool:
    now = timezone.now()
    mine = Job.objects.filter(pk=id).exclude(state__in=Job.OVER)
    if fence is not None:
        mine = mine.filter(fence=fence)
    ended = mine.update(state=state, problem=problem[:500], finished_at=now, expires_at=now + FILES_KEPT)
    if ended:
        # What people handed in is not kept longer than it is needed.
        JobFile.objects.filter(job=id, role=JobFile.Role.INPUT).delete()
    return bool(ended)
