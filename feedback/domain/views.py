"""Views of the inbox that people keep: making, changing, sharing, and which one the inbox opens with."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from accounts.domain import actors
from accounts.domain.actors import Actor
from accounts.domain.queries import access
from accounts.domain.roles import May
from accounts.models import Account, User
from feedback.domain.queries import inbox_params
from feedback.domain.queries import views as queries
from feedback.models import DefaultView, SavedView
from feedbackhub.errors import Conflict, Forbidden, Invalid

NAME_LENGTH = 60
QUERY_LENGTH = 2000
AT_MOST = 50


def create(*, account: Account, owner: User, name: str, query: str, actor: Actor, shared: bool = False) -> SavedView:
    """Keep what the inbox was asked. Raises Invalid for a parameter the inbox does not know or cannot read."""
    if not access.may(owner, account, what=May.SEE_FEEDBACK):
        raise Forbidden("You cannot keep views in this account.")
    row = SavedView(account=account, owner=owner, name=_name(name), query=_query(query), shared=shared)
    if SavedView.objects.for_account(account).filter(owner=owner).count() >= AT_MOST:
        raise Invalid(f"At most {AT_MOST} views an account.", field="name")
    with actors.acting(actor):
        _save(row)
    return row


def update(
    *, view: SavedView, user: User, actor: Actor, name: str | None = None, shared: bool | None = None
) -> SavedView:
    """Its owner renames and shares it."""
    if view.owner_id != user.pk:
        raise Forbidden("Only whoever made the view can change it.")
    changed = []
    if name is not None:
        view.name = _name(name)
        changed.append("name")
    if shared is not None:
        view.shared = shared
        changed.append("shared")
    with actors.acting(actor):
        _save(view, changed)
    return view


def delete(*, view: SavedView, user: User, actor: Actor) -> None:
    """Its owner does; a shared one also whoever manages the account, since people leave."""
    if not may_delete(view=view, user=user):
        raise Forbidden("Only whoever made the view can delete it.")
    with actors.acting(actor):
        view.delete()


def may_delete(*, view: SavedView, user: User) -> bool:
    return view.owner_id == user.pk or (view.shared and access.may(user, view.account, what=May.MANAGE_ACCOUNT))


def open_with(*, user: User, view: SavedView | None) -> None:
    """Have the user's inbox open with a view they see; None: with what is new."""
    if view is None:
        DefaultView.objects.filter(user=user).delete()
        return
    if not queries.sees(user=user, view=view):
        raise Forbidden("There is no such view.")
    DefaultView.objects.update_or_create(user=user, defaults={"view": view})


def _save(view: SavedView, changed: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            view.save(update_fields=changed)
    except IntegrityError as error:
        if "view_once_a_person" in str(error):
            raise Conflict(f"You have a view “{view.name}” already.") from error
        raise


def _name(name: str) -> str:
    text = " ".join(name.split())
    if not text or "\0" in text:
        raise Invalid("Give the view a name.", field="name")
    if len(text) > NAME_LENGTH:
        raise Invalid(f"At most {NAME_LENGTH} characters; these are {len(text)}.", field="name")
    return text


def _query(query: str) -> str:
    try:
        known, odd = inbox_params.parse(query)
    except ValueError:
        raise Invalid("The inbox cannot be asked this.", field="query") from None
    if odd:
        raise Invalid(f"The inbox cannot be asked this: {', '.join(sorted(odd))[:200]}.", field="query")
    written = inbox_params.written(known)
    if len(written) > QUERY_LENGTH:
        raise Invalid("Too many filters for one view.", field="query")
    return written
