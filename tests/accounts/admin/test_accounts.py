"""Accounts, teams, invitations and users in the console."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.domain import members
from accounts.models import Account, Invitation, Membership, User
from tests.accounts.factories import agency, member
from tests.accounts.factories import client as client_of


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def form_of(client: Client, path: str) -> dict[str, Any]:
    """The values a browser would post back unchanged."""
    form = client.get(path).context["adminform"].form
    values = {}
    for name in form.fields:
        value = form[name].value()
        if value is True:
            values[name] = "on"
        elif value not in (None, False):
            values[name] = value
    return values


def change(client: Client, account: Account, **changes: Any) -> Any:
    path = reverse("admin:accounts_account_change", args=[account.pk])
    return client.post(path, {**form_of(client, path), **changes})


def test_an_owner_changes_how_customers_see_the_account(account, alice):
    assert change(alice.signed_in(), account, brand_name="Alice bakes", language="de").status_code == 302
    account.refresh_from_db()
    assert (account.brand_name, account.language) == ("Alice bakes", "de")


def test_an_owner_sets_no_limit_or_plan_for_themselves(account, alice):
    change(alice.signed_in(), account, max_users="1000", plan="Gold", active="", is_agency="on")
    account.refresh_from_db()
    assert (account.max_users, account.plan, account.active, account.is_agency) == (None, "", True, False)


def test_bob_changes_nothing_of_the_account(account, bob):
    path = reverse("admin:accounts_account_change", args=[account.pk])
    assert bob.signed_in().post(path, {"name": "Bob's"}).status_code == 403
    account.refresh_from_db()
    assert account.name == "Alice's Bakery"


def test_an_agencys_owner_adds_clients_below_it_and_limits_them(db):
    boss = agency()
    hers = as_user(member(boss, "ann@example.com", "owner"))
    path = reverse("admin:accounts_account_add")
    posted = {**form_of(hers, path), "name": "North", "parent": boss.pk, "max_users": 3}
    assert hers.post(path, posted).status_code == 302
    made = Account.objects.get(name="North")
    assert (made.parent, made.max_users) == (boss, 3)
    change(hers, made, max_users="5")
    made.refresh_from_db()
    assert made.max_users == 5


def test_an_agencys_owner_adds_no_account_outside_of_it(db):
    boss, other = agency(), agency(name="Other")
    hers = as_user(member(boss, "ann@example.com", "owner"))
    path = reverse("admin:accounts_account_add")
    for parent in ("", other.pk):
        assert hers.post(path, {**form_of(hers, path), "name": "North", "parent": parent}).status_code == 200
    assert not Account.objects.filter(name="North").exists()


def test_deleting_an_account_is_soft_and_an_agency_with_clients_is_refused(db):
    boss = agency()
    north = client_of(boss, name="North")
    root = as_user(User.objects.create_superuser("root@example.com"))
    text = root.post(reverse("admin:accounts_account_delete", args=[boss.pk]), {"post": "yes"}, follow=True)
    assert "Delete or move the client accounts first." in text.content.decode()
    root.post(reverse("admin:accounts_account_delete", args=[north.pk]), {"post": "yes"})
    north.refresh_from_db()
    assert north.deleted_at is not None


def test_a_member_gets_another_role_but_the_last_owner_stays(account, alice, bob):
    hers = alice.signed_in()
    theirs = Membership.objects.get(user=bob.user)
    hers.post(reverse("admin:accounts_membership_change", args=[theirs.pk]), {"role": "restricted"})
    theirs.refresh_from_db()
    assert theirs.role == "restricted"
    own = Membership.objects.get(user=alice.user)
    response = hers.post(reverse("admin:accounts_membership_change", args=[own.pk]), {"role": "standard"})
    assert "This is the last owner." in response.content.decode()
    own.refresh_from_db()
    assert own.role == "owner"


def test_a_removed_member_can_no_longer_sign_in(account, alice, bob):
    path = reverse("admin:accounts_membership_delete", args=[Membership.objects.get(user=bob.user).pk])
    his = bob.signed_in()
    assert alice.signed_in().post(path, {"post": "yes"}).status_code == 302
    assert not Membership.objects.filter(user=bob.user).exists()
    assert his.get("/console/").status_code == 302


def test_somebody_is_invited_and_the_invitation_withdrawn(account, alice):
    hers = alice.signed_in()
    posted = {"account": account.pk, "email": "new@example.com", "role": "standard"}
    text = hers.post(reverse("admin:accounts_invitation_add"), posted, follow=True).content.decode()
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.account, "/invite?code=" in text) == ("new@example.com", account, True)
    hers.post(reverse("admin:accounts_invitation_delete", args=[invitation.pk]), {"post": "yes"})
    invitation.refresh_from_db()
    assert invitation.revoked_at is not None


@pytest.mark.parametrize(("action", "active"), [("shut_out", False), ("let_in", True)])
def test_a_superuser_shuts_out_and_lets_in(bob, action, active):
    if active:
        members.deactivate(user=bob.user, actor=bob.actor)
    root = as_user(User.objects.create_superuser("root@example.com"))
    chosen = {"action": action, "_selected_action": [bob.user.pk], "index": 0}
    root.post(reverse("admin:accounts_user_changelist"), chosen)
    bob.user.refresh_from_db()
    assert bob.user.is_active is active


def test_a_superuser_shuts_out_all_chosen_but_themselves(bob):
    boss = User.objects.create_superuser("root@example.com")
    chosen = {"action": "shut_out", "_selected_action": [bob.user.pk, boss.pk], "index": 0}
    as_user(boss).post(reverse("admin:accounts_user_changelist"), chosen)
    assert list(User.objects.filter(is_active=True)) == [boss]


def test_reaching_an_account_to_read_it_is_not_enough_to_put_rows_into_it(account, other_account, alice):
    """Alice owns her own account and is standard at Charlie's, where she may see the team and not manage it."""
    Membership.objects.create(account=other_account, user=alice.user, role="standard")
    add = reverse("admin:accounts_invitation_add")
    for each in (account, other_account):
        alice.signed_in().post(add, {"account": each.pk, "email": "new@example.com", "role": "owner"})
    assert list(Invitation.objects.values_list("account", flat=True)) == [account.pk]
