"""Accounts and people that several tests start from."""

from __future__ import annotations

from typing import Any

from accounts.domain import accounts, actors
from accounts.models import Account, Membership, User

PASSWORD = "correct horse battery"


def agency(**settings: Any) -> Account:
    return accounts.create(**{"name": "Agency", **settings}, is_agency=True, actor=actors.SYSTEM)


def client(parent: Account | None, **settings: Any) -> Account:
    return accounts.create(**{"name": "Client", **settings}, parent=parent, actor=actors.SYSTEM)


def member(account: Account, email: str, role: str = "standard", **fields: Any) -> User:
    user = User.objects.create_user(email, PASSWORD, **{"name": email.partition("@")[0].title(), **fields})
    Membership.objects.create(account=account, user=user, role=role)
    return user
