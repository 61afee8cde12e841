"""People who are in the list twice, one pair of them merged, and what a file from the till brought in."""

from __future__ import annotations

import io
from collections.abc import Sequence

from campaigns.demo.stage import Stage
from crm.domain import customers, identities
from crm.domain.customers import CustomerFields
from crm.domain.importing import columns, drafts
from crm.domain.merging import merge
from crm.models import Customer, Location

FILE = """Vorname;Nachname;E-Mail;Handy;Store;Loyalty card
June;Castell;june.castell@example.com;+1 503 555 0171;Pier Lane;A-1001
Otis;Farrow;otis.farrow@example.com;+1 503 555 0172;Pier Lane;A-1002
Ida;Winter;ida.winter(at)example.com;+1 503 555 0173;Pier Lane;A-1003
Ned;Lowry;ned.lowry@example.com;;Harbor Road;A-1004
"""


def play(stage: Stage, guests: Sequence[Customer], locations: Sequence[Location]) -> None:
    namesake, merged = guests[3], guests[5]
    _again(stage, namesake, email=f"{namesake.fname}.{namesake.sname}@mail.example.com".lower())
    till = _again(stage, merged, email=f"{merged.fname}.{merged.sname}@till.example.com".lower())
    identities.give(account=stage.account, customer=till, value="till-20417")
    merge.merge(account=stage.account, winner=merged, loser=till, actor=stage.actor)
    _import(stage, FILE.replace("Pier Lane", locations[0].name).encode())


def _again(stage: Stage, person: Customer, *, email: str) -> Customer:
    fields = CustomerFields(email=email, fname=person.fname, sname=person.sname, country_code="US")
    places = list(person.locations.all())
    return customers.upsert(account=stage.account, fields=fields, locations=places, enters=False, actor=stage.actor)


def _import(stage: Stage, data: bytes) -> None:
    """Two of its rows cannot be taken in; the worker does it as it starts."""
    job = drafts.draft(account=stage.account, file=io.BytesIO(data), size=len(data), name="till.csv", actor=stage.actor)
    drafts.start(
        job=job,
        mapping=columns.guess(job.options["headers"]),
        existing="update",
        country="US",
        consent="Signed up for the loyalty card at the till",
        enter=False,
    )
