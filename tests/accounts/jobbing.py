"""A kind of job for tests: it writes down in its own file which rows it did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accounts.domain import actors, job_files, jobs
from accounts.domain.jobs import Kind, Step
from accounts.domain.roles import May
from accounts.models import Account, Job

KIND = "tests.count"
BATCH = 2


def step(job: Job) -> Step:
    """Two rows at a time, each noted once."""
    first, last = job.place.get("next", 0), job.options["rows"]
    rows = range(first, min(first + BATCH, last))
    words = "".join(f"{row} " for row in rows).encode()
    job_files.append(job=job, role="result", name="rows.txt", content_type="text/plain", data=words)
    return Step({"next": first + len(rows)}, len(rows), {"noted": len(rows)}, last, first + len(rows) >= last)


def register(run: Callable[[Job], Step] = step) -> None:
    jobs.register(Kind(KIND, May.EXPORT, run))


def make(account: Account, *, rows: int = 5, **more: Any) -> Job:
    made = {"kind": KIND, "title": "Count", "options": {"rows": rows}, "actor": actors.SYSTEM} | more
    return jobs.create(account=account, **made)


def noted(job: Job) -> str:
    return b"".join(job_files.read(file=job_files.of(job=job, role="result"))).decode()
