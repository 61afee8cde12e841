"""The invitation's page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.domain import accounts, actors, invitations, members
from accounts.models import Account, Invitation, User
from tests.accounts.factories import PASSWORD
from tests.conftest import Person

pytestmark = pytest.mark.django_db
DAVE = "dave@example.com"
ANSWERS = {"name": "Dave Lister", "phone": "+44 20 7946 0000", "password": PASSWORD}


def path_for(account: Account, email: str = DAVE) -> str:
    url = invitations.invite(account=account, email=email, actor=actors.SYSTEM).url
    return url.removeprefix("http://127.0.0.1:8000")


def is_signed_in(browser: Client) -> bool:
    return browser.get("/accounts/password/change/").status_code == 200


def test_a_new_user_gives_name_number_and_password_and_is_signed_in(account: Account, client: Client) -> None:
    path = path_for(account)
    page = client.get(path)
    assert page.status_code == 200
    assert "Join Alice&#x27;s Bakery" in page.content.decode()
    assert [name for name in ("name", "phone", "password") if f'name="{name}"' in page.content.decode()] == [
        "name",
        "phone",
        "password",
    ]

    answer = client.post(path, ANSWERS)

    assert (answer.status_code, answer["Location"]) == (302, "/console/")
    dave = User.objects.get(email=DAVE)
    assert (dave.name, dave.phone, dave.last_login is not None) == ("Dave Lister", "+44 20 7946 0000", True)
    assert is_signed_in(client)
    elsewhere = Client()
    assert elsewhere.post("/accounts/login/", {"login": DAVE, "password": PASSWORD}).status_code == 302


def test_looking_changes_nothing(account: Account, client: Client) -> None:
    path = path_for(account)
    for _ in range(3):
        assert client.get(path).status_code == 200
        assert client.head(path).status_code == 200
    assert User.objects.count() == 0
    assert Invitation.objects.get().accepted_at is None


def test_the_page_is_neither_cached_nor_framed_and_tells_no_other_site(account: Account, client: Client) -> None:
    page = client.get(path_for(account))
    assert "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]


def test_a_post_from_another_site_is_refused(account: Account) -> None:
    browser = Client(enforce_csrf_checks=True)
    assert browser.post(path_for(account), ANSWERS).status_code == 403
    assert User.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [({"name": ""}, "name"), ({"phone": "call me"}, "phone"), ({"password": "password12"}, "password")],
)
def test_mistakes_are_said_at_their_field_and_keep_the_rest(
    account: Account, client: Client, change: dict[str, str], field: str
) -> None:
    path = path_for(account)
    page = client.post(path, {**ANSWERS, **change})
    html = page.content.decode()
    assert page.status_code == 400
    assert html.count('class="errorlist"') == 1
    assert f'id="id_{field}_error"' in html
    assert 'aria-invalid="true"' in html
    assert PASSWORD not in html
    assert User.objects.count() == 0
    assert client.post(path, ANSWERS).status_code == 302


def test_a_used_link_says_so(account: Account, client: Client) -> None:
    path = path_for(account)
    client.post(path, ANSWERS)
    for answer in (Client().get(path), Client().post(path, ANSWERS)):
        assert (answer.status_code, "has been used" in answer.content.decode()) == (410, True)


def test_an_expired_link_says_so(account: Account, client: Client) -> None:
    path = path_for(account)
    Invitation.objects.update(expires_at=timezone.now())
    answer = client.post(path, ANSWERS)
    assert (answer.status_code, "has expired" in answer.content.decode()) == (410, True)
    assert User.objects.count() == 0


@pytest.mark.parametrize("query", ["", "?code=", "?code=nope", "?code=%00", "?code=" + "a" * 5000, "?code=%F0%28%8C"])
def test_an_unknown_link_is_404(client: Client, query: str, account: Account) -> None:
    answer = client.get(f"/invite{query}")
    assert (answer.status_code, "does not exist" in answer.content.decode()) == (404, True)


def test_guessing_links_is_stopped(client: Client, account: Account) -> None:
    statuses = [client.get(f"/invite?code={number:024}").status_code for number in range(22)]
    assert statuses == [404] * 20 + [429] * 2
    # Who has a link that works is let in nevertheless.
    assert client.get(path_for(account)).status_code == 200


def test_a_deleted_accounts_link_is_unknown(account: Account, client: Client) -> None:
    path = path_for(account)
    accounts.delete(account=account, actor=actors.SYSTEM)
    assert client.get(path).status_code == 404


def test_a_full_account_says_so(account: Account, client: Client) -> None:
    path = path_for(account)
    accounts.update(account=account, max_users=0, actor=actors.SYSTEM)
    answer = client.post(path, ANSWERS)
    assert (answer.status_code, "limited to 0 users" in answer.content.decode()) == (410, True)


def test_somebody_who_signs_in_already_signs_in_and_joins(account: Account, charlie: Person, client: Client) -> None:
    path = path_for(account, charlie.user.email)
    html = client.get(path).content.decode()
    assert 'name="password"' not in html
    assert "/accounts/login/?next=%2Finvite%3Fcode%3D" in html
    # A form filled in nevertheless changes neither their password nor their memberships.
    assert client.post(path, ANSWERS).status_code == 200
    charlie.user.refresh_from_db()
    assert charlie.user.check_password("correct horse battery")
    assert charlie.user.memberships.count() == 1

    browser = charlie.signed_in()
    assert "Join as charlie@example.com" in browser.get(path).content.decode()
    assert browser.post(path).status_code == 302
    assert set(charlie.user.memberships.values_list("account", flat=True)) == {account.pk, charlie.account.pk}


def test_somebody_else_who_is_signed_in_is_told_to_sign_out(account: Account, bob: Person, charlie: Person) -> None:
    path = path_for(account, charlie.user.email)
    browser = bob.signed_in()
    html = browser.get(path).content.decode()
    assert "You are signed in as bob@example.com: sign out" in html
    assert browser.post(path).status_code == 200
    assert charlie.user.memberships.count() == 1


def test_a_new_person_on_a_shared_browser_becomes_themselves(account: Account, charlie: Person) -> None:
    browser = charlie.signed_in()
    assert browser.post(path_for(account), ANSWERS).status_code == 302
    assert browser.session["_auth_user_id"] == str(User.objects.get(email=DAVE).pk)


def test_joining_rotates_the_session(account: Account, client: Client) -> None:
    client.get(path_for(account))
    client.session["seen"] = True
    client.session.save()
    before = client.session.session_key
    client.post(path_for(account), ANSWERS)
    assert client.session.session_key != before


def test_who_was_removed_comes_back_by_a_new_invitation(account: Account, bob: Person, client: Client) -> None:
    members.remove(account=account, user=bob.user, actor=actors.SYSTEM)
    assert client.post(path_for(account, bob.user.email), ANSWERS).status_code == 302
    bob.user.refresh_from_db()
    assert (bob.user.is_active, bob.user.name) == (True, "Dave Lister")


def test_hostile_bodies_are_no_server_error(account: Account) -> None:
    browser = Client(raise_request_exception=False)
    path = path_for(account)
    hostile: list[dict[str, Any]] = [
        {**ANSWERS, "name": "a\0b"},
        {**ANSWERS, "phone": "\0"},
        {**ANSWERS, "password": "\0" * 12},
        {**ANSWERS, "name": "x" * 100_000},
        {},
    ]
    assert {browser.post(path, body).status_code for body in hostile} == {400}
    assert User.objects.count() == 0
