"""A piece of an import: its rows are taken in, each for itself, and where the next piece begins is committed with them.

All addresses of the piece are locked first and in one order, as every verb does with the addresses of one person: so
two imports, or an import and a caller, never wait for each other in a circle.
"""

from __future__ import annotations

from django.db import transaction

from accounts.domain import job_files, jobs
from accounts.domain.jobs import Kind, Step
from accounts.domain.roles import May
from accounts.models import Account, Job
from crm.domain import companies, customers, identities
from crm.domain.customers import CustomerFields
from crm.domain.importing import drafts, rows
from crm.domain.importing.rows import Person, Places
from crm.domain.locks import address_locks
from crm.domain.queries import locations
from crm.models import Customer, Identity
from feedbackhub.errors import HubError, Refused
from feedbackhub.tables import writing
from feedbackhub.tables.reading import Row

ADDED, UPDATED, LEFT, NOT_TAKEN = "added", "updated", "left as they were", "not taken"


def step(job: Job) -> Step:
    seq = job.place.get("piece", 0)
    piece = drafts.piece_of(job, seq)
    if piece is None:
        return Step(finished=True)
    said, bad = _said(job, piece)
    _lock(job.account, list(said.values()))
    counts = dict.fromkeys((ADDED, UPDATED, LEFT), 0)
    for number, person in said.items():
        try:
            with transaction.atomic():
                counts[_take(job, person)] += 1
        except HubError as error:
            bad[number] = rows.why(error)
    if bad:
        counts[NOT_TAKEN] = len(bad)
        _report(job, [row for row in piece if row.number in bad], bad)
    return Step({"piece": seq + 1}, len(piece), {name: n for name, n in counts.items() if n})


def _said(job: Job, piece: list[Row]) -> tuple[dict[int, Person], dict[int, tuple[str, str]]]:
    """What the rows say, and why some say nothing."""
    options, places = job.options, Places(list(locations.locations_of(job.account)))
    said, bad = {}, {}
    for row in piece:
        try:
            said[row.number] = rows.parse(
                row.cells,
                headers=options["headers"],
                mapping=options["mapping"],
                places=places,
                country=options["country"],
            )
        except HubError as error:
            bad[row.number] = rows.why(error)
    return said, bad


def _lock(account: Account, people: list[Person]) -> None:
    about = [(each.fields.get("email"), each.fields.get("mobile_number")) for each in people]
    names = [f"company:{each.company}" for each in people if each.company]
    ids = [f"{Identity.OWN}:{each.external_id}" for each in people if each.external_id]
    address_locks(account, [*(one for pair in about for one in pair), *names, *ids])


def _take(job: Job, person: Person) -> str:
    account, options, actor = job.account, job.options, jobs.asker(job)
    known = _known(account, person)
    if known is None and options["existing"] == "only_update":
        return LEFT
    if known is not None and options["existing"] == "skip":
        # A no counts whatever else is left as it is.
        if "opt_out" in person.fields:
            customers.update(customer=known, fields={"opt_out": True}, actor=actor)
        return LEFT
    fields = _without_old_addresses(known, person.fields) if known else person.fields.copy()
    if person.company:
        fields["company"] = companies.upsert(account=account, name=person.company)
    if person.properties:
        fields["properties"] = {**(known.properties if known else {}), **person.properties}
    given = {"fields": fields, "actor": actor, "enters": options["enter"]}
    if known is not None:
        customer = customers.update(customer=known, locations_add=person.locations, **given)
    else:
        customer = customers.upsert(account=account, locations=person.locations, **given)
    if person.external_id:
        identities.give(account=account, customer=customer, value=person.external_id)
    return UPDATED if known else ADDED


def _known(account: Account, person: Person) -> Customer | None:
    """By the own id, else by the addresses; Refused when they mean two people."""
    email, number = person.fields.get("email"), person.fields.get("mobile_number")
    by_address = customers.found_by(account=account, email=email, mobile_number=number)
    if by_address is None:
        # One that was theirs before they were merged, or that their records come with.
        by_address = next((found for one in (email, number) if one and (found := _by_id(account, one.lower()))), None)
    by_id = _by_id(account, person.external_id) if person.external_id else None
    if by_id and by_address and by_id.pk != by_address.pk:
        raise Refused(
            f"The own id is {by_id.public_id}'s and the address {by_address.public_id}'s. Merge them first.",
            field="external_id",
        )
    return by_id or by_address


def _by_id(account: Account, value: str) -> Customer | None:
    found = identities.find(account=account, kind=Identity.OWN, value=value)
    return found if found is not None and found.deleted_at is None else None


def _without_old_addresses(known: Customer, said: CustomerFields) -> CustomerFields:
    """An address that is only another name of theirs does not take the place of the one they have."""
    fields = said.copy()
    if _is_old(known, said.get("email"), known.email):
        del fields["email"]
    if _is_old(known, said.get("mobile_number"), known.mobile_number):
        del fields["mobile_number"]
    return fields


def _is_old(known: Customer, said: str | None, has: str | None) -> bool:
    if not said or not has or said.lower() == has.lower():
        return False
    return _by_id(known.account, said.lower()) == known


def _report(job: Job, piece: list[Row], bad: dict[int, tuple[str, str]]) -> None:
    """The rows that were not taken, with the reason, as a file that can be corrected and handed in again."""
    lines = [[row.number, *bad[row.number], *row.cells] for row in piece]
    role = job_files.Role.ERRORS
    header = b""
    if job_files.piece(job=job, role=role, seq=0) is None:
        header = writing.BOM + writing.csv_lines([["Row", "Field", "Reason", *job.options["headers"]]])
    job_files.append(
        job=job,
        role=role,
        name=f"not-taken-{job.public_id}.csv",
        content_type=writing.CSV_TYPE,
        data=header + writing.csv_lines(lines),
    )


IMPORT = Kind(drafts.KIND, May.EDIT_CUSTOMERS, step)
