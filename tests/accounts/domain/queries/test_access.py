"""Who reaches what."""

from __future__ import annotations

import pytest

from accounts.domain import accounts, actors
from accounts.domain.queries import access, reach
from accounts.domain.roles import ALLOWED, May, Role
from accounts.models import Account, Membership, User
from feedbackhub.errors import NotFound
from tests.accounts.factories import agency, client, member
from tests.conftest import Person

pytestmark = pytest.mark.django_db


def test_alice_and_bob_reach_their_account_and_charlie_his(alice: Person, bob: Person, charlie: Person) -> None:
    assert [list(access.accounts_for(person.user)) for person in (alice, bob, charlie)] == [
        [alice.account],
        [alice.account],
        [charlie.account],
    ]
    assert access.role_in(alice.user, alice.account) == Role.OWNER
    assert access.role_in(bob.user, alice.account) == Role.STANDARD
    assert access.role_in(charlie.user, alice.account) is None
    assert set(access.users_for(alice.account)) == {alice.user, bob.user}
    with pytest.raises(NotFound):
        access.member_for(account=alice.account, id=charlie.user.public_id)


def test_a_superuser_reaches_every_living_account(alice: Person, other_account: Account) -> None:
    root = User.objects.create_superuser("root@example.com")
    accounts.delete(account=accounts.create(name="Gone", actor=actors.SYSTEM), actor=actors.SYSTEM)
    assert set(access.accounts_for(root)) == {alice.account, other_account}
    assert access.role_in(root, other_account) == Role.OWNER


def test_an_agencys_people_reach_its_clients_with_their_role() -> None:
    parent = agency()
    account = client(parent)
    foreign = client(agency(name="Other agency"))
    eve = member(parent, "eve@example.com", "restricted")
    assert set(access.accounts_for(eve)) == {parent, account}
    assert access.role_in(eve, account) == Role.RESTRICTED
    assert access.role_in(eve, foreign) is None
    assert list(access.users_for(account)) == []


def test_the_stronger_of_two_roles_counts() -> None:
    parent = agency()
    account = client(parent)
    eve = member(parent, "eve@example.com", "restricted")
    Membership.objects.create(account=account, user=eve, role="owner")
    assert access.role_in(eve, account) == Role.OWNER
    assert access.role_in(eve, parent) == Role.RESTRICTED
    assert list(access.accounts_for(eve).filter(pk=account.pk)) == [account]


def test_a_clients_people_do_not_reach_the_agency() -> None:
    parent = agency()
    account = client(parent)
    dave = member(account, "dave@example.com", "owner")
    assert list(access.accounts_for(dave)) == [account]
    assert access.role_in(dave, parent) is None


def test_inactive_people_and_deleted_accounts_reach_nothing(alice: Person, bob: Person) -> None:
    bob.user.is_active = False
    assert access.accounts_for(bob.user).count() == 0
    assert access.role_in(bob.user, bob.account) is None
    accounts.delete(account=alice.account, actor=actors.SYSTEM)
    alice.account.refresh_from_db()
    assert access.accounts_for(alice.user).count() == 0
    assert access.role_in(alice.user, alice.account) is None


def test_the_roles_everywhere_are_the_roles_in_each() -> None:
    parent = agency()
    stronger, weaker = client(parent), client(parent)
    alone = accounts.create(name="Alone", actor=actors.SYSTEM)
    strange = accounts.create(name="Strange", actor=actors.SYSTEM)
    gone = client(parent)
    eve = member(parent, "eve@example.com", "standard")
    for account, role in ((alone, "restricted"), (stronger, "owner"), (weaker, "restricted")):
        Membership.objects.create(account=account, user=eve, role=role)
    accounts.delete(account=gone, actor=actors.SYSTEM)
    gone.refresh_from_db()
    one_by_one = {each.pk: access.role_in(eve, each) for each in (parent, stronger, weaker, alone, strange, gone)}
    assert reach.roles_of(user=eve) == {account: role for account, role in one_by_one.items() if role is not None}
    assert reach.roles_of(user=eve)[stronger.pk] == Role.OWNER


def test_a_restricted_user_triages_and_nothing_else() -> None:
    assert ALLOWED[Role.RESTRICTED] == {May.SEE_FEEDBACK, May.TRIAGE}


def test_roles_build_on_each_other() -> None:
    assert ALLOWED[Role.RESTRICTED] < ALLOWED[Role.STANDARD] < ALLOWED[Role.OWNER] == frozenset(May)
    assert not {May.MANAGE_TEAM, May.MANAGE_KEYS, May.MANAGE_ACCOUNT, May.MANAGE_CLIENTS} & ALLOWED[Role.STANDARD]


def test_one_client_is_found_by_its_agency_alone() -> None:
    parent = agency()
    account = client(parent)
    found = access.client_for(agency=parent, id=account.public_id)
    assert (found, found.active_locations, found.active_users) == (account, 0, 0)  # type: ignore[attr-defined]
    for agency_, id in ((agency(name="Other"), account.public_id), (parent, parent.public_id), (parent, "nope")):
        with pytest.raises(NotFound):
            access.client_for(agency=agency_, id=id)
