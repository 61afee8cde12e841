"""A user's role in every account they reach at once: what a page of many accounts' rows is checked against.

The same rule as `access.role_in`, which answers for one account.
"""

from __future__ import annotations

from accounts.domain import roles
from accounts.domain.roles import Role
from accounts.models import Account, Membership, User


def roles_of(*, user: User) -> dict[int, Role]:
    """Account id to role, in two queries."""
    joined = Membership.objects.filter(user=user, account__deleted_at=None)
    own = {account: Role(role) for account, role in joined.values_list("account_id", "role")}
    found = dict(own)
    clients = Account.objects.alive().filter(parent__in=list(own), parent__is_agency=True)
    for account_id, agency_id in clients.values_list("pk", "parent_id"):
        held = [role for role in (own.get(account_id), own.get(agency_id or 0)) if role is not None]
        strongest = roles.strongest(held)
        if strongest is not None:
            found[account_id] = strongest
    return found


def account_named(*, public_id: str) -> Account | None:
    return Account.objects.alive().filter(public_id=public_id).first()


def with_clients(*, account: Account) -> list[int]:
    """The account's id, and those of an agency's clients."""
    clients = Account.objects.alive().filter(parent=account).values_list("pk", flat=True) if account.is_agency else ()
    return [account.pk, *clients]


def accounts_within(*, ids: list[int] | None, limit: int) -> list[Account]:
    """The first accounts by name, for a menu; None means all."""
    accounts = Account.objects.alive()
    if ids is not None:
        accounts = accounts.filter(pk__in=ids)
    return list(accounts.order_by("name", "pk")[:limit])
