"""Reads of saved views."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from accounts.domain.queries import access
from accounts.domain.roles import May
from accounts.models import User
from feedback.domain.queries import inbox_params
from feedback.models import DefaultView, SavedView
from feedbackhub.errors import NotFound

# Beside the tabs; the rest are on a page of their own.
AT_MOST = 12


def seen_by(*, user: User, accounts: Collection[int] | None) -> Q:
    """One's own views and those shared with one, in these accounts; None: of every account, one's own only."""
    if accounts is None:
        return Q(owner=user)
    return Q(account__in=accounts) & (Q(owner=user) | Q(shared=True))


def beside_tabs(*, user: User, accounts: Collection[int] | None) -> list[SavedView]:
    rows = SavedView.objects.filter(seen_by(user=user, accounts=accounts)).select_related("owner", "account")
    return list(rows.order_by("shared", "name", "pk")[:AT_MOST])


def view_for(*, user: User, accounts: Collection[int] | None, id: str) -> SavedView:
    """One view that the user sees. Raises NotFound, for everybody else's as well."""
    rows = SavedView.objects.numbered(int(id) if id.isdecimal() and len(id) < 20 else 0)
    found = rows.filter(seen_by(user=user, accounts=accounts)).select_related("account").first()
    if found is None:
        raise NotFound("There is no such view.")
    return found


def sees(*, user: User, view: SavedView) -> bool:
    if not access.may(user, view.account, what=May.SEE_FEEDBACK):
        return False
    return view.shared or view.owner_id == user.pk


def opens_with(*, user: User) -> SavedView | None:
    """The view that the user's inbox opens with, if they still see it."""
    row = DefaultView.objects.filter(user=user).select_related("view__account").first()
    return row.view if row is not None and sees(user=user, view=row.view) else None


def address(*, view: SavedView) -> str:
    """The inbox's query for a view. What the inbox no longer knows is left out."""
    known, _ = inbox_params.parse(view.query)
    return inbox_params.written({**known, "view": [str(view.pk)]})
