"""People of an account: join, change role, leave; and a person's right to sign in at all."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import F, Q

from accounts.domain import actors, keys, limits
from accounts.domain.actors import Actor
from accounts.domain.queries import access
from accounts.domain.roles import Role
from accounts.models import Account, Membership, User
from feedbackhub.errors import Conflict, NotFound, Refused


def join(*, account: Account, user: User, role: Role, actor: Actor) -> Membership:
    """Add a user to an account. Raises Conflict for a member, LimitReached at `max_users`."""
    with actors.acting(actor), limits.locked(account) as current:
        if Membership.objects.filter(account=current, user=user).exists():
            raise Conflict("This user is a member already.")
        limits.require_room(current, "max_users", taken=limits.seats_taken(current))
        return Membership.objects.create(account=current, user=user, role=role)


def change_role(*, membership: Membership, role: Role, actor: Actor) -> Membership:
    """Give a member another role. Raises Refused for the last owner."""
    with actors.acting(actor), limits.locked(membership.account) as account:
        current = _fresh(account, membership)
        if current.role == Role.OWNER and role != Role.OWNER:
            _keep_an_owner(account, current)
        if current.role != role:
            current.role = role
            current.save(update_fields=["role"])
    return current


def remove(*, account: Account, user: User, actor: Actor) -> None:
    """Take a user out of an account: their sessions and the keys they made there end at once, and without another
    account they can no longer sign in. Raises NotFound, and Refused when a person would remove the last owner (a
    program manages the account from outside and may)."""
    with actors.acting(actor), limits.locked(account) as current:
        membership = Membership.objects.filter(account=current, user=user).select_related("user").first()
        if membership is None:
            raise NotFound("There is no such user.")
        if membership.role == Role.OWNER and actor.kind == "user":
            _keep_an_owner(current, membership)
        leave(membership, actor=actor)


def leave(membership: Membership, *, actor: Actor) -> None:
    """The part of `remove` that deleting an account shares; the caller holds the account's lock."""
    user, account = membership.user, membership.account
    membership.delete()
    end_sessions(user)
    # An agency's member may have made keys in its clients, which are out of reach now.
    keys.revoke_made_by(user=user, within=Q(account=account) | ~Q(account__in=access.accounts_for(user)), actor=actor)
    # Locked: leaving two accounts at once must not make each see the other's membership.
    current = User.objects.select_for_update().get(pk=user.pk)
    if current.is_active and not current.is_superuser and not current.memberships.exists():
        # No password left: that is how an invitation tells somebody who left, and may come back, from somebody
        # whom `deactivate` shut out.
        current.set_unusable_password()
        current.is_active = False
        current.save(update_fields=["password", "is_active"])
        Authenticator.objects.filter(user=current).delete()


def deactivate(*, user: User, actor: Actor) -> None:
    """Shut a person out of the whole hub: sessions and every key they made end at once; memberships stay."""
    with actors.acting(actor), transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_active=False)
        end_sessions(user)
        keys.revoke_made_by(user=user, actor=actor)
    user.is_active = False


def reactivate(*, user: User, actor: Actor) -> None:
    """Let a person in again. Raises Refused for one who left their last account: invite them instead."""
    if not user.is_active and not user.has_usable_password():
        raise Refused("This person belongs to no account. Invite them.")
    with actors.acting(actor):
        User.objects.filter(pk=user.pk).update(is_active=True)
    user.is_active = True


def end_sessions(user: User) -> None:
    """The next request of every session of this user is not signed in."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)


def _fresh(account: Account, membership: Membership) -> Membership:
    current = Membership.objects.filter(account=account, pk=membership.pk).select_related("account", "user").first()
    if current is None:
        raise NotFound("There is no such user.")
    return current


def _keep_an_owner(account: Account, leaving: Membership) -> None:
    """An agency's owners own its clients, so only an account on its own can be left without one."""
    others = Membership.objects.filter(account=account, role=Role.OWNER, user__is_active=True).exclude(pk=leaving.pk)
    if account.parent_id is None and not others.exists():
        raise Refused("This is the last owner. Make somebody else owner first.")
