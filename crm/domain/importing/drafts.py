"""An import before it begins: its rows stored with a draft of a job, a look at the first ones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

from django.db import transaction

from accounts.domain import job_files, jobs
from accounts.domain.actors import Actor
from accounts.models import Account, Job
from crm.domain.importing import columns, rows
from crm.domain.importing.rows import Places
from crm.domain.queries import locations
from feedbackhub.errors import HubError, Invalid
from feedbackhub.tables import reading
from feedbackhub.tables.reading import Row

KIND = "crm.import_customers"
# Rows of a piece: what one step takes in.
PIECE = 100
PREVIEW = 20
EXISTING = {
    "update": "Add who is new, update who is known",
    "skip": "Add who is new, leave who is known as they are",
    "only_update": "Update who is known, add nobody",
}


@dataclass(frozen=True)
class Looked:
    """A row of the preview; `field` and `reason` say why it would not be taken."""

    number: int
    cells: list[str]
    field: str = ""
    reason: str = ""


@transaction.atomic
def draft(*, account: Account, file: IO[bytes], size: int, name: str, actor: Actor) -> Job:
    """Read the whole file and keep its rows with a draft. Invalid when it cannot be read or goes beyond a limit."""
    table = reading.read(file, size=size)
    options = {"file": name[:150], "told": table.told, "headers": table.headers}
    title = f"Import of {name[:150]}"
    job = jobs.create(account=account, kind=KIND, title=title, options=options, draft=True, actor=actor)
    total = 0
    while piece := list(islice(table.rows, PIECE)):
        total += len(piece)
        data = json.dumps([[row.number, row.cells] for row in piece], ensure_ascii=False).encode()
        job_files.append(
            job=job, role=job_files.Role.INPUT, name=name[:150], content_type="application/json", data=data
        )
    if not total:
        raise Invalid("The file has a header and no rows.", field="file")
    return jobs.sized(job=job, total=total)


def piece_of(job: Job, seq: int) -> list[Row] | None:
    """The rows of a piece; None behind the last."""
    data = job_files.piece(job=job, role=job_files.Role.INPUT, seq=seq)
    return None if data is None else [Row(number, cells) for number, cells in json.loads(data)]


def preview(*, job: Job, mapping: Sequence[str], country: str) -> list[Looked]:
    """The first rows, with what is wrong with them."""
    places = Places(list(locations.locations_of(job.account)))
    return [_look(row, job.options["headers"], mapping, places, country) for row in (piece_of(job, 0) or [])[:PREVIEW]]


def _look(row: Row, headers: list[str], mapping: Sequence[str], places: Places, country: str) -> Looked:
    try:
        said = rows.parse(row.cells, headers=headers, mapping=mapping, places=places, country=country)
        if not (said.fields.get("email") or said.fields.get("mobile_number") or said.external_id):
            raise Invalid("There is no e-mail, no mobile number and no own id.", field="email")
    except HubError as error:
        return Looked(row.number, row.cells, *rows.why(error))
    return Looked(row.number, row.cells)


def start(*, job: Job, mapping: Sequence[str], existing: str, country: str, consent: str, enter: bool) -> Job:
    """Begin as chosen. Invalid when the columns do not say who is who, or nobody says why these people may be
    written to."""
    if problem := columns.problem(mapping):
        raise Invalid(problem, field="mapping")
    if existing not in EXISTING:
        raise Invalid("Choose what happens with people who are known.", field="existing")
    consent = consent.strip()
    if len(consent) < 10:
        raise Invalid("Say where these people agreed to be written to, in at least 10 characters.", field="consent")
    chosen: dict[str, Any] = {"mapping": list(mapping), "existing": existing, "country": country, "enter": enter}
    return jobs.start(job=job, options={**chosen, jobs.CONSENT: consent[:500]})
