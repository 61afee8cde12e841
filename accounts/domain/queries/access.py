"""Which accounts a person reaches and as what; the doors to client accounts and users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from accounts.domain import roles
from accounts.domain.roles import May, Role
from accounts.models import Account, Membership, User
from feedbackhub.errors import NotFound

if TYPE_CHECKING:

    class CountedAccount(Account):
        """What `with_counts` yields."""

        active_locations: int
        active_users: int


def accounts_for(user: User) -> QuerySet[Account]:
    """Every living account that the user works for, also through an agency; a superuser reaches all."""
    alive = Account.objects.alive()
    if not user.is_active:
        return alive.none()
    if user.is_superuser:
        return alive
    joined = Membership.objects.filter(user=user).values("account")
    through_agency = Q(parent__in=joined, parent__is_agency=True, parent__deleted_at=None)
    return alive.filter(Q(pk__in=joined) | through_agency)


def role_in(user: User, account: Account) -> Role | None:
    """The user's role in an account, the stronger of their own and their agency's; None is no access."""
    if not user.is_active or account.deleted_at is not None:
        return None
    if user.is_superuser:
        return Role.OWNER
    within = Q(account=account) | Q(account__clients=account, account__is_agency=True, account__deleted_at=None)
    held = Membership.objects.filter(within, user=user).values_list("role", flat=True)
    return roles.strongest([Role(role) for role in held])


def may(user: User, account: Account, *, what: May) -> bool:
    """Whether the user may do something in an account."""
    return roles.allows(role_in(user, account), what)


def users_for(account: Account) -> QuerySet[User]:
    """The account's own active users; pending invitations and the agency's people are not among them."""
    return User.objects.filter(is_active=True, memberships__account=account)


def members_for(account: Account) -> QuerySet[Membership]:
    """The memberships of the account's active users, users at hand."""
    return Membership.objects.for_account(account).filter(user__is_active=True).select_related("user")


def member_for(*, account: Account, id: str) -> Membership:
    """One active user of the account, by the user's id. Raises NotFound for absent, inactive and another account's
    alike."""
    membership = members_for(account).filter(user__public_id=id).first()
    if membership is None:
        raise NotFound("There is no such user.")
    return membership


def clients_for(agency: Account) -> QuerySet[Account]:
    """An agency's living client accounts."""
    return Account.objects.alive().filter(parent=agency)


def with_counts(accounts: QuerySet[Account]) -> QuerySet[CountedAccount]:
    """Accounts with `active_locations` and `active_users`, counted now.

    Locations belong to an app further right, so they are reached by the relation's name. A subquery each: joining
    both would multiply their rows.
    """
    counted: QuerySet[CountedAccount] = accounts.annotate(  # type: ignore[assignment]
        active_locations=_count("locations", Q(locations__deleted_at=None)),
        active_users=_count("memberships", Q(memberships__user__is_active=True)),
    )
    return counted


def _count(relation: str, condition: Q) -> Subquery:
    counted = Account.objects.filter(pk=OuterRef("pk")).values("pk").annotate(n=Count(relation, filter=condition))
    return Subquery(counted.values("n"))


def client_for(*, agency: Account, id: str) -> CountedAccount:
    """One client account. Raises NotFound for absent, deleted and another agency's alike."""
    client = with_counts(clients_for(agency)).filter(public_id=id).first()
    if client is None:
        raise NotFound("There is no such account.")
    return client
