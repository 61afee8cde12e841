"""The people one works with."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accounts.models import Account, Membership, User


def of_accounts(*, ids: list[int] | None, limit: int) -> list[User]:
    """Active members of any of the accounts, by name; None means everybody."""
    users = User.objects.filter(is_active=True)
    if ids is not None:
        users = users.filter(memberships__account__in=ids).distinct()
    return list(users.order_by("name", "pk")[:limit])


def members_of(*, ids: list[int] | None) -> QuerySet[User]:
    """Active members of any of the accounts, for a menu; None means everybody."""
    users = User.objects.filter(is_active=True)
    if ids is not None:
        users = users.filter(pk__in=Membership.objects.filter(account__in=ids).values("user"))
    return users.order_by("name", "pk")


def who_can_open(*, account: Account) -> list[User]:
    """Who an item of the account can be given to: its members, and those of its agency."""
    accounts = Q(memberships__account=account)
    if account.parent_id:
        accounts |= Q(memberships__account=account.parent_id)
    return list(User.objects.filter(accounts, is_active=True).distinct().order_by("name", "pk")[:200])
