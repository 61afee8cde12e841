"""What a customer looks like in an exported file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from accounts.domain.exporting import Export
from accounts.models import Account
from crm.domain.queries.customers import customers_of

HEADINGS = (
    "Id", "E-mail", "Mobile number", "First name", "Last name", "Country", "Time zone", "Language", "Company",
    "Locations", "Own ids", "Do not contact", "Properties", "Added",
)  # fmt: skip


def lines(account: Account, keys: Sequence[Any]) -> Iterable[Sequence[Any]]:
    people = customers_of(account).filter(pk__in=keys).select_related("company").order_by("pk")
    for one in people.prefetch_related("locations", "identities"):
        yield (
            one.public_id,
            one.email,
            one.mobile_number,
            one.fname,
            one.sname,
            one.country_code,
            one.time_zone,
            one.language,
            one.company,
            "; ".join(sorted(place.name for place in one.locations.all() if place.deleted_at is None)),
            "; ".join(sorted(each.value for each in one.identities.all() if each.kind == each.OWN)),
            one.opted_out,
            json.dumps(one.properties, ensure_ascii=False) if one.properties else "",
            f"{one.created_at:%Y-%m-%d %H:%M:%S}",
        )


CUSTOMERS = Export("crm.Customer", HEADINGS, lines)
