"""Finding macros: the one door to them."""

from __future__ import annotations

from accounts.models import Account
from feedback.models import Macro
from feedbackhub.errors import NotFound


def of_account(*, account: Account) -> list[Macro]:
    """Those with a key first, by it; then by name. Two queries, with their labels."""
    rows = Macro.objects.for_account(account).select_related("assignee").prefetch_related("labels")
    return sorted(rows, key=lambda macro: (macro.key is None, macro.key or 0, macro.name.lower(), macro.pk))


def macro_for(*, account: Account, id: str) -> Macro:
    """NotFound for another account's as well."""
    rows = Macro.objects.for_account(account).select_related("assignee", "account")
    found = rows.filter(pk=int(id)).first() if id.isdecimal() and len(id) < 19 else None
    if found is None:
        raise NotFound("There is no such macro.")
    return found
