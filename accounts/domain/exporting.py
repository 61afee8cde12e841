"""Rows as files: what a list of the console shows, written by a job.

Each app registers what a row of its models looks like:

    exporting.register(Export("crm.Customer", ("Id", "E-mail", …), lines))

The rows' keys are taken when somebody asks, as the list was filtered then; `lines(account, keys)` says what stands in
the cells when the job gets there, of rows of that account alone. Cells that a spreadsheet would run are made text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import transaction

from accounts.domain import job_files, jobs
from accounts.domain.actors import Actor
from accounts.domain.jobs import Kind, Step
from accounts.domain.roles import May
from accounts.models import Account, Job
from feedbackhub.errors import Invalid
from feedbackhub.tables import writing

KIND = "accounts.export"
# Rows of one step.
PIECE = 500
MOST = 200_000
MOST_IN_XLSX = 50_000
FORMATS = {"csv": "CSV", "xlsx": "Excel (.xlsx)"}

Lines = Callable[[Account, Sequence[Any]], Iterable[Sequence[Any]]]


@dataclass(frozen=True)
class Export:
    """`model` as in `apps.get_model`."""

    model: str
    headings: tuple[str, ...]
    lines: Lines


_exports: dict[str, Export] = {}


def register(export: Export) -> None:
    _exports[export.model] = export


def knows(model: str) -> bool:
    return model in _exports


@transaction.atomic
def create(*, account: Account, model: str, title: str, keys: Iterable[Any], format: str, actor: Actor) -> Job:
    """A job that writes the rows of these keys. Invalid with none, with more than MOST (of a workbook MOST_IN_XLSX),
    and for an unknown format."""
    if format not in FORMATS:
        raise Invalid("Choose CSV or Excel.", field="format")
    job = jobs.create(
        account=account,
        kind=KIND,
        title=f"Export of {title}",
        options={"model": model, "format": format, "file": title.lower().replace(" ", "-")},
        actor=actor,
    )
    most = MOST_IN_XLSX if format == "xlsx" else MOST
    total, left = 0, iter(keys)
    while piece := [str(key) for key in islice(left, PIECE)]:
        total += len(piece)
        if total > most:
            raise Invalid(f"More than {most:,} rows. Filter the list first.", field="format")
        _append(job, job_files.Role.INPUT, json.dumps(piece).encode())
    if not total:
        raise Invalid("The list is empty.", field="format")
    return jobs.sized(job=job, total=total)


def step(job: Job) -> Step:
    seq, export = job.place.get("piece", 0), _exports[job.options["model"]]
    keys = job_files.piece(job=job, role=job_files.Role.INPUT, seq=seq)
    if keys is not None:
        return _piece(job, export, seq, json.loads(keys))
    if job.options["format"] == "xlsx":
        _as_workbook(job)
    return Step(job.place, finished=True)


def _piece(job: Job, export: Export, seq: int, keys: list[str]) -> Step:
    lines = list(export.lines(job.account, keys))
    header = writing.BOM + writing.csv_lines([export.headings]) if seq == 0 else b""
    _append(job, job_files.Role.RESULT, header + writing.csv_lines(lines))
    return Step({"piece": seq + 1}, len(keys), {"rows written": len(lines)})


def _as_workbook(job: Job) -> None:
    """The last step: what was written so far is read once more, a piece at a time."""
    written = job_files.of(job=job, role=job_files.Role.RESULT)
    pieces = list(writing.xlsx(writing.csv_rows(job_files.read(file=written))))
    job_files.write(
        job=job,
        role=job_files.Role.RESULT,
        name=f"{job.options['file']}.xlsx",
        content_type=writing.XLSX_TYPE,
        pieces=pieces,
    )


def _append(job: Job, role: str, data: bytes) -> None:
    name = f"{job.options['file']}.csv"
    job_files.append(job=job, role=role, name=name, content_type=writing.CSV_TYPE, data=data)


EXPORT = Kind(KIND, May.EXPORT, step)
