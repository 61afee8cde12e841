"""Counting against an account's limits. Count inside `locked(account)`, or two callers both see the last free place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.domain.queries import access
from accounts.models import Account, Invitation
from feedbackhub.errors import LimitReached, NotFound

Limit = Literal["max_locations", "max_users", "max_campaigns"]
NOUN: dict[Limit, str] = {"max_locations": "locations", "max_users": "users", "max_campaigns": "campaigns"}


@contextmanager
def locked(account: Account) -> Iterator[Account]:
    """The account's fresh row, locked until the block's transaction ends: what is counted inside cannot grow
    meanwhile. Take this lock before any other. Raises NotFound when the account has been deleted."""
    with transaction.atomic():
        # no_key: rows that merely refer to the account need not wait.
        current = Account.objects.alive().select_for_update(no_key=True).filter(pk=account.pk).first()
        if current is None:
            raise NotFound("There is no such account.")
        yield current


def require_room(account: Account, limit: Limit, *, taken: int, wanted: int = 1) -> None:
    """Raise LimitReached when `wanted` more would pass the limit; a limit of None is unlimited."""
    allowed = getattr(account, limit)
    if allowed is not None and taken + wanted > allowed:
        raise LimitReached(
            f"This account is limited to {allowed} {NOUN[limit]} and has {taken}. Remove one or raise {limit}.",
            details={"limit": limit, "allowed": allowed, "taken": taken},
        )


def active_users(account: Account) -> int:
    """People who can sign in."""
    return access.users_for(account).count()


def seats_taken(account: Account) -> int:
    """What counts against `max_users`: people who can sign in and invitations that can still be accepted."""
    pending = Q(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())
    return active_users(account) + Invitation.objects.for_account(account).filter(pending).count()
