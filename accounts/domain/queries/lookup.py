"""Finding an account by what an operator types."""

from __future__ import annotations

from accounts.models import Account
from feedbackhub.errors import Conflict, NotFound


def account_by_id_or_name(text: str) -> Account:
    """The living account with this public id, or else with exactly this name.

    Raises NotFound, and Conflict when several bear the name.
    """
    alive = Account.objects.alive()
    by_id = alive.filter(public_id=text).first()
    if by_id is not None:
        return by_id
    named = list(alive.filter(name=text).order_by("pk")[:10])
    if not named:
        raise NotFound(f"There is no account with the id or name {text!r}.")
    if len(named) > 1:
        ids = ", ".join(account.public_id for account in named)
        raise Conflict(f"Several accounts are named {text!r}. Give one of their ids: {ids}.")
    return named[0]
