"""Customers with addresses that belong to nobody: example.com, and numbers reserved for fiction."""

from __future__ import annotations

from collections.abc import Sequence

from campaigns.demo.stage import Stage, backdate
from campaigns.demo.words import FIRST_NAMES, LAST_NAMES
from crm.domain import companies, customers
from crm.models import Customer, Location

AREA_CODES = ("202", "303", "312", "415", "503", "617", "646", "702", "713", "808")
COMPANIES = ("Alder Works", "Bluebird Labs", "Copper Street", "Dune Freight", "Elm & Oak", "Foundry Nine")


def populate(
    stage: Stage, *, count: int, locations: Sequence[Location], with_companies: bool, first_number: int = 0
) -> list[Customer]:
    """`count` customers over the locations; a few have no mobile, a few no e-mail."""
    people = []
    for index in range(count):
        fname, sname = stage.chance.choice(FIRST_NAMES), stage.chance.choice(LAST_NAMES)
        email = f"{fname}.{sname}.{index}@example.com".lower()
        number = first_number + index
        mobile = f"+1{AREA_CODES[number // 100 % len(AREA_CODES)]}55501{number % 100:02d}"
        fields = customers.CustomerFields(
            fname=fname,
            sname=sname,
            country_code="US",
            email=None if index % 29 == 28 else email,
            mobile_number=None if index % 7 == 6 and index % 29 != 28 else mobile,
        )
        if with_companies:
            name = COMPANIES[index % len(COMPANIES)]
            domain = f"{name.split()[0].lower()}.example"
            fields["company"] = companies.upsert(account=stage.account, name=name, domain=domain)
        mine = [locations[index % len(locations)]]
        person = customers.upsert(account=stage.account, fields=fields, locations=mine, actor=stage.actor)
        backdate(person, created_at=stage.moment(days=240, at_least=30))
        people.append(person)
    return people
