"""Whose rows a signed-in user sees and what they may do with them, worked out once per request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from accounts.domain import roles
from accounts.domain.queries import reach
from accounts.domain.roles import May, Role
from accounts.models import Account, User

# The session's choice of an account to look at; absent is all of them.
CHOSEN = "console_account"


@dataclass(frozen=True)
class Reach:
    """Account id to role; a superuser reaches everything and has no roles."""

    everything: bool
    roles: dict[int, Role]

    @property
    def several(self) -> bool:
        return self.everything or len(self.roles) > 1

    def may(self, what: May, account_id: int | None = None) -> bool:
        """Whether the user may do something in an account; without one, in any."""
        if self.everything:
            return True
        if account_id is None:
            return any(roles.allows(role, what) for role in self.roles.values())
        return roles.allows(self.roles.get(account_id), what)

    def accounts(self, what: May) -> list[int]:
        """Where the user may do something; not for a superuser."""
        return [account_id for account_id, role in self.roles.items() if roles.allows(role, what)]

    def rows(self, rows: QuerySet[Any], path: str, what: May) -> QuerySet[Any]:
        """The rows whose account, at `path`, lets the user do something; rows of no account are a superuser's."""
        return rows if self.everything else rows.filter(**{f"{path}__in": self.accounts(what)})


def reach_of(request: HttpRequest) -> Reach:
    found: Reach | None = getattr(request, "_reach", None)
    if found is None:
        found = _reach(request.user)
        request._reach = found  # type: ignore[attr-defined]
    return found


def _reach(user: User | AnonymousUser) -> Reach:
    if not isinstance(user, User) or not user.is_active:
        return Reach(False, {})
    return Reach(True, {}) if user.is_superuser else Reach(False, reach.roles_of(user=user))


def chosen_account(request: HttpRequest) -> Account | None:
    """The account that lists are narrowed to, if one is chosen and still within reach."""
    if not hasattr(request, "_chosen"):
        request._chosen = _chosen(request)  # type: ignore[attr-defined]
    found: Account | None = request._chosen  # type: ignore[attr-defined]
    return found


def _chosen(request: HttpRequest) -> Account | None:
    public_id = request.session.get(CHOSEN)
    account = reach.account_named(public_id=public_id) if public_id else None
    mine = reach_of(request)
    return account if account and (mine.everything or account.pk in mine.roles) else None


def narrowed(request: HttpRequest, rows: QuerySet[Any], path: str) -> QuerySet[Any]:
    """A list of rows narrowed to the chosen account; an agency stands for its clients too."""
    account = chosen_account(request)
    if account is None:
        return rows
    mine = Q(**{path: account.pk})
    if account.is_agency:
        parent = "parent" if path == "pk" else f"{path}__parent"
        mine |= Q(**{parent: account.pk})
    return rows.filter(mine)


def one_account(request: HttpRequest) -> Account | None:
    """The account in view if it is one: a score over several would mix them."""
    chosen = chosen_account(request)
    if chosen is not None:
        return None if chosen.is_agency else chosen
    mine = reach_of(request)
    if mine.everything or len(mine.roles) != 1:
        return None
    return reach.accounts_within(ids=list(mine.roles), limit=1)[0]
