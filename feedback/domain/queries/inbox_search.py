"""What the inbox's search box finds: words, people and ids."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from crm.models import Customer

# The columns of the index item_search, in whose expression they are asked.
TEXTS = ("message", "area", "user_email_snapshot", "user_name_snapshot", "external_issue_url")
# People of one name; more of them are found by a second word.
PEOPLE = 500
WORDS = 6


def search(*, items: QuerySet[Any], text: str, people_of: Collection[int] | None) -> QuerySet[Any]:
    """Items that hold every word: in what was said, in the area, the sender's name, the issue's address, or as the
    customer; or the one item of that id. Customers are looked up in the accounts `people_of`, None means all: where
    the reader may not see who they are, no search tells."""
    id = _uuid(text.strip())
    if id is not None:
        return items.filter(pk=id)
    for word in text.split()[:WORDS]:
        said = Q()
        for name in TEXTS:
            said |= Q(**{f"{name}__icontains": word})
        items = items.filter(said | Q(customer__in=_people(word, people_of)))
    return items


def _people(word: str, accounts: Collection[int] | None) -> list[int]:
    """As numbers: beside a subquery PostgreSQL could not join the indexes of the texts and of the customers."""
    rows = Customer.objects.alive() if accounts is None else Customer.objects.alive().filter(account__in=accounts)
    named = Q(email__icontains=word) | Q(fname__icontains=word) | Q(sname__icontains=word) | Q(public_id=word)
    return list(rows.filter(named).values_list("pk", flat=True)[:PEOPLE])


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
