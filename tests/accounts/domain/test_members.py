"""People of an account."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.domain import accounts, actors, keys, members
from accounts.domain.actors import Actor
from accounts.domain.queries import access
from accounts.domain.roles import Role
from accounts.models import Account, Membership, User
from feedbackhub.errors import Conflict, LimitReached, NotFound, Refused
from tests.accounts.factories import agency, client, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Account:
    return accounts.create(name="Acme", actor=actors.SYSTEM)


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def is_signed_in(browser: Client) -> bool:
    return browser.get("/accounts/password/change/").status_code == 200


def test_joining_takes_a_seat(acme: Account) -> None:
    accounts.update(account=acme, max_users=1, actor=actors.SYSTEM)
    bob, carol = (User.objects.create_user(f"{name}@example.com") for name in ("bob", "carol"))
    members.join(account=acme, user=bob, role=Role.STANDARD, actor=actors.SYSTEM)
    with pytest.raises(Conflict):
        members.join(account=acme, user=bob, role=Role.OWNER, actor=actors.SYSTEM)
    with pytest.raises(LimitReached):
        members.join(account=acme, user=carol, role=Role.STANDARD, actor=actors.SYSTEM)
    assert list(access.users_for(acme)) == [bob]


def test_removing_ends_sessions_at_the_next_request(acme: Account) -> None:
    bob = member(acme, "bob@example.com")
    browser = signed_in(bob)
    assert is_signed_in(browser)
    members.remove(account=acme, user=bob, actor=actors.SYSTEM)
    assert not is_signed_in(browser)


def test_removing_from_one_of_two_accounts_ends_sessions_but_not_the_sign_in(acme: Account) -> None:
    bob = member(acme, "bob@example.com")
    other = accounts.create(name="Other", actor=actors.SYSTEM)
    Membership.objects.create(account=other, user=bob)
    browser = signed_in(bob)
    members.remove(account=acme, user=bob, actor=actors.SYSTEM)
    bob.refresh_from_db()
    assert not is_signed_in(browser)
    assert (bob.is_active, bob.has_usable_password()) == (True, True)
    assert list(access.accounts_for(bob)) == [other]


def test_removing_ends_the_keys_made_there_and_through_the_agency() -> None:
    parent = agency()
    account = client(parent)
    elsewhere = accounts.create(name="Elsewhere", actor=actors.SYSTEM)
    bob = member(parent, "bob@example.com")
    Membership.objects.create(account=elsewhere, user=bob)
    by_bob = actors.from_user(bob)
    ended = [keys.issue(account=each, name="Bob's", actor=by_bob).secret for each in (parent, account)]
    kept = [
        keys.issue(account=elsewhere, name="Bob's", actor=by_bob).secret,
        keys.issue(account=account, name="Not Bob's", actor=actors.SYSTEM).secret,
    ]
    members.remove(account=parent, user=bob, actor=actors.SYSTEM)
    assert [keys.authenticate(secret) is None for secret in ended + kept] == [True, True, False, False]


def test_leaving_the_last_account_takes_password_and_second_factor(acme: Account) -> None:
    bob = member(acme, "bob@example.com")
    Authenticator.objects.create(user=bob, type=Authenticator.Type.TOTP, data={"secret": "x"})
    members.remove(account=acme, user=bob, actor=actors.SYSTEM)
    bob.refresh_from_db()
    assert (bob.is_active, bob.has_usable_password()) == (False, False)
    assert Authenticator.objects.count() == 0


def test_a_superuser_without_an_account_can_still_sign_in(acme: Account) -> None:
    root = member(acme, "root@example.com", is_superuser=True)
    members.remove(account=acme, user=root, actor=actors.SYSTEM)
    root.refresh_from_db()
    assert root.is_active is True


def test_a_stranger_cannot_be_removed(acme: Account) -> None:
    charlie = member(accounts.create(name="Other", actor=actors.SYSTEM), "charlie@example.com")
    with pytest.raises(NotFound):
        members.remove(account=acme, user=charlie, actor=actors.SYSTEM)
    assert charlie.memberships.count() == 1


def test_a_person_cannot_remove_the_last_owner_and_a_key_can(acme: Account) -> None:
    alice = member(acme, "alice@example.com", "owner")
    key = keys.issue(account=acme, name="Till", actor=actors.SYSTEM).key
    with pytest.raises(Refused):
        members.remove(account=acme, user=alice, actor=actors.from_user(alice))
    members.remove(account=acme, user=alice, actor=Actor("key", key.public_id, key.name))
    assert access.users_for(acme).count() == 0


def test_the_last_owner_stays_owner_unless_an_agency_owns_the_account(acme: Account) -> None:
    lone = member(acme, "alice@example.com", "owner").memberships.get()
    with pytest.raises(Refused):
        members.change_role(membership=lone, role=Role.STANDARD, actor=actors.SYSTEM)
    owned = member(client(agency()), "bob@example.com", "owner").memberships.get()
    assert members.change_role(membership=owned, role=Role.RESTRICTED, actor=actors.SYSTEM).role == "restricted"


def test_deactivating_ends_sessions_and_keys_and_reactivating_brings_neither_back(acme: Account) -> None:
    bob = member(acme, "bob@example.com")
    browser = signed_in(bob)
    secret = keys.issue(account=acme, name="Bob's", actor=actors.from_user(bob)).secret
    members.deactivate(user=bob, actor=actors.SYSTEM)
    assert not is_signed_in(browser)
    assert keys.authenticate(secret) is None
    assert access.accounts_for(bob).count() == 0
    members.reactivate(user=bob, actor=actors.SYSTEM)
    assert not is_signed_in(browser)
    assert keys.authenticate(secret) is None
    assert list(access.accounts_for(bob)) == [acme]


def test_who_left_is_invited_and_not_reactivated(acme: Account) -> None:
    bob = member(acme, "bob@example.com")
    members.remove(account=acme, user=bob, actor=actors.SYSTEM)
    bob.refresh_from_db()
    with pytest.raises(Refused):
        members.reactivate(user=bob, actor=actors.SYSTEM)
