"""FeedbackAPI: users."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.domain import accounts, actors, keys
from accounts.models import Account, AccountMail, Invitation, Membership, User
from tests.accounts.api.feedbackapi.conftest import Caller, caller_of
from tests.accounts.factories import agency as make_agency
from tests.accounts.factories import client as make_client
from tests.accounts.factories import member
from tests.conftest import Person

KEYS = ["id", "created", "name", "email", "type", "status", "last_access"]


def joined(user: User, year: int) -> User:
    Membership.objects.filter(user=user).update(created_at=datetime(year, 1, 1, tzinfo=UTC))
    return user


def assert_invited(answer: Any, base_url: str = "http://127.0.0.1:8000") -> Invitation:
    body = answer.json()
    assert answer.status_code == 200
    assert list(body) == ["email", "type", "status", "invite_url"]
    assert (body["email"], body["type"], body["status"]) == ("rishi@uk.gov.uk", "standard", "pending")
    assert "/invite?code=" in body["invite_url"]
    assert len(body["invite_url"].partition("code=")[2]) * 6 >= 128
    return Invitation.objects.get(email="rishi@uk.gov.uk")


def test_the_create_sample_as_printed(caller: Caller) -> None:
    invitation = assert_invited(caller.form("users/", "email=rishi@uk.gov.uk&send_invite=true"))
    assert (invitation.account, invitation.mail.sent_at) == (caller.account, None)
    assert User.objects.count() == 0


@pytest.mark.parametrize("content_type", ["application/json", "application/vnd.api+json"])
@pytest.mark.parametrize("path", ["users", "users/"])
def test_the_create_sample_as_json(caller: Caller, path: str, content_type: str) -> None:
    assert_invited(caller.json(path, {"email": "rishi@uk.gov.uk", "send_invite": True}, content_type))
    assert AccountMail.objects.count() == 1


def test_nothing_is_mailed_unless_asked_for(caller: Caller) -> None:
    assert_invited(caller.form("users", "email=rishi@uk.gov.uk"))
    assert AccountMail.objects.count() == 0


def test_a_restricted_user_can_be_invited(caller: Caller) -> None:
    assert caller.json("users", {"email": "a@example.com", "type": "restricted"}).json()["type"] == "restricted"
    assert Invitation.objects.get().role == "restricted"


def test_the_retrieve_sample(caller: Caller) -> None:
    carol = joined(member(caller.account, "carol@wildcat.com", name="Carol Baskin"), 2024)
    carol.last_login = datetime(2024, 12, 14, tzinfo=UTC)
    carol.save()
    answer = caller.get(f"users/{carol.public_id}")
    assert list(answer.json()) == KEYS
    assert answer.json() == {
        "id": carol.public_id,
        "created": 1704067200,
        "name": "Carol Baskin",
        "email": "carol@wildcat.com",
        "type": "standard",
        "status": "active",
        "last_access": 1734134400,
    }


def test_last_access_is_false_before_the_first_and_moves_with_each_sign_in(caller: Caller) -> None:
    bob = member(caller.account, "bob@example.com")
    assert caller.get(f"users/{bob.public_id}").json()["last_access"] is False
    Client().force_login(bob)
    last = caller.get(f"users/{bob.public_id}").json()["last_access"]
    assert isinstance(last, int)
    assert abs(timezone.now().timestamp() - last) < 60


def test_the_delete_sample_ends_the_session_and_the_keys(caller: Caller, alice: Person) -> None:
    bob = member(caller.account, "bob2@example.com")
    browser = Client()
    browser.force_login(bob)
    secret = keys.issue(account=caller.account, name="Bob's", actor=actors.from_user(bob)).secret
    assert browser.get("/accounts/password/change/").status_code == 200

    answer = caller.delete(f"users/{bob.public_id}")

    assert (answer.status_code, answer.json()) == (200, {"id": bob.public_id, "deleted": True})
    after = browser.get("/accounts/password/change/")
    assert (after.status_code, after["Location"].partition("?")[0]) == (302, "/accounts/login/")
    assert keys.authenticate(secret) is None
    bob.refresh_from_db()
    assert bob.is_active is False
    assert not browser.login(email="bob2@example.com", password="correct horse battery")
    for again in (caller.get(f"users/{bob.public_id}"), caller.delete(f"users/{bob.public_id}")):
        assert again.status_code == 404


def test_the_list_sample_has_active_users_newest_first(caller: Caller) -> None:
    bob = joined(member(caller.account, "bob@example.com"), 2021)
    carol = joined(member(caller.account, "carol@example.com"), 2023)
    joined(member(caller.account, "old@example.com"), 2016)
    joined(member(caller.account, "gone@example.com", is_active=False), 2023)
    caller.form("users", "email=pending@example.com")
    body = caller.get("users", limit=20, created_after=1483228800).json()
    assert (body["page"], body["total_count"], body["total_returned"]) == (0, 2, 2)
    assert [row["id"] for row in body["data"]] == [carol.public_id, bob.public_id]
    assert all(list(row) == KEYS for row in body["data"])


@pytest.mark.parametrize(
    ("query", "emails"),
    [
        ({"type": "restricted"}, ["b@example.com"]),
        ({"type": "standard", "sort_by": "email-asc"}, ["a@example.com", "c@example.com"]),
        ({"created_before": "2021-01-01T00:00:00Z"}, ["a@example.com"]),
        ({"sort_by": "created-asc"}, ["a@example.com", "b@example.com", "c@example.com"]),
        ({"sort_by": "name-desc", "limit": 1}, ["c@example.com"]),
        ({"sort_by": "last_access-desc", "limit": 1}, ["b@example.com"]),
    ],
)
def test_filters_and_sorts(caller: Caller, query: dict[str, Any], emails: list[str]) -> None:
    joined(member(caller.account, "a@example.com", "owner"), 2021)
    joined(member(caller.account, "b@example.com", "restricted", last_login=timezone.now()), 2022)
    joined(member(caller.account, "c@example.com"), 2023)
    assert [row["email"] for row in caller.get("users", **query).json()["data"]] == emails


@pytest.mark.parametrize(
    ("query", "param"),
    [({"type": "owner"}, "type"), ({"status": "active"}, "status"), ({"sort_by": "password-asc"}, "sort_by")],
)
def test_a_bad_query_names_its_parameter(caller: Caller, query: dict[str, Any], param: str) -> None:
    answer = caller.get("users", **query)
    assert (answer.status_code, answer.json()["param"]) == (400, param)


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "email"),
        ({"email": ""}, "email"),
        ({"email": "nobody"}, "email"),
        ({"email": 7}, "email"),
        ({"email": "a@example.com", "send_invite": "maybe"}, "send_invite"),
        ({"email": "a@example.com", "type": "owner"}, "type"),
        ({"email": "a@example.com", "role": "owner"}, "role"),
        ({"email": "a@example.com", "is_superuser": True}, "is_superuser"),
        ({"email": "a@example.com", "account": 7}, "account"),
    ],
)
def test_a_bad_argument_is_named_and_nobody_is_invited(caller: Caller, body: dict[str, Any], param: str) -> None:
    answer = caller.json("users", body)
    assert (answer.status_code, answer.json()["type"], answer.json()["param"]) == (400, "invalid_request_error", param)
    assert Invitation.objects.count() == 0


def test_a_user_of_the_account_is_402(caller: Caller) -> None:
    member(caller.account, "bob@example.com")
    answer = caller.form("users", "email=Bob@example.com")
    assert (answer.status_code, answer.json()["param"]) == (402, "email")
    assert answer.json()["message"] == "There is a user bob@example.com in this account already."


def test_the_limit_is_402_and_says_what_to_do(caller: Caller) -> None:
    accounts.update(account=caller.account, max_users=1, actor=actors.SYSTEM)
    assert caller.form("users", "email=a@example.com").status_code == 200
    answer = caller.form("users", "email=b@example.com")
    assert (answer.status_code, answer.json()["type"]) == (402, "invalid_request_error")
    assert answer.json()["message"] == ("This account is limited to 1 users and has 1. Remove one or raise max_users.")


def test_there_is_no_update(caller: Caller) -> None:
    bob = member(caller.account, "bob@example.com")
    answer = caller.json(f"users/{bob.public_id}", {"name": "Robert"})
    assert (answer.status_code, answer["Allow"]) == (405, "GET, DELETE, HEAD, OPTIONS")


def test_charlies_people_are_not_found(caller: Caller, charlie: Person) -> None:
    for id in (charlie.user.public_id, "nope", str(charlie.user.pk)):
        assert (caller.get(f"users/{id}").status_code, caller.delete(f"users/{id}").status_code) == (404, 404)
    charlie.user.refresh_from_db()
    assert charlie.user.is_active is True
    assert caller.get("users").json()["total_count"] == 0


def test_a_person_of_two_accounts_leaves_only_one(caller: Caller, charlie: Person) -> None:
    Membership.objects.create(account=caller.account, user=charlie.user)
    assert caller.delete(f"users/{charlie.user.public_id}").status_code == 200
    charlie.user.refresh_from_db()
    assert charlie.user.is_active is True
    assert [each.account for each in charlie.user.memberships.all()] == [charlie.account]


def test_an_agency_key_chooses_its_client(agent: Caller) -> None:
    account = make_client(agent.account)
    bob = member(account, "bob@example.com")
    eve = member(agent.account, "eve@example.com")
    assert [row["id"] for row in agent.get("users", account=account.public_id).json()["data"]] == [bob.public_id]
    assert [row["id"] for row in agent.get("users").json()["data"]] == [eve.public_id]
    assert agent.get(f"users/{bob.public_id}").status_code == 404
    assert agent.get(f"users/{bob.public_id}", account=account.public_id).json()["email"] == "bob@example.com"
    agent.form("users", f"email=new@example.com&account={account.public_id}")
    assert Invitation.objects.get().account == account
    agent.form(f"users?account={account.public_id}", f"email=new2@example.com&account={account.public_id}")
    assert Invitation.objects.get(email="new2@example.com").account == account
    assert agent.delete(f"users/{bob.public_id}?account={account.public_id}").status_code == 200


def test_two_accounts_in_one_call_are_a_400(agent: Caller) -> None:
    one, other = (make_client(agent.account, name=name).public_id for name in ("One", "Other"))
    bob = member(Account.objects.get(public_id=other), "bob@example.com")
    for answer in (
        agent.form(f"users?account={one}", f"email=new@example.com&account={other}"),
        agent.delete(f"users/{bob.public_id}?account={one}&account={other}"),
        agent.call("GET", f"users?account={one}&account={other}"),
    ):
        assert (answer.status_code, answer.json()["param"]) == (400, "account")
    assert Invitation.objects.count() == 0
    assert Membership.objects.filter(user=bob).count() == 1


def test_another_account_is_a_bad_reference(agent: Caller, caller: Caller) -> None:
    foreign = make_client(make_agency(name="Other agency"))
    for key in (agent, caller, caller_of(agent.account)):
        answers = [
            key.get("users", account=foreign.public_id),
            key.form("users", f"email=a@example.com&account={foreign.public_id}"),
            key.delete(f"users/x?account={foreign.public_id}"),
        ]
        assert [(answer.status_code, answer.json()["param"]) for answer in answers] == [(400, "account")] * 3
    assert caller.get("users", account=caller.account.public_id).status_code == 200
    assert Invitation.objects.count() == 0


def test_the_same_idempotency_key_invites_once(caller: Caller) -> None:
    caller.headers["Idempotency-Key"] = "one"
    first, second = (caller.form("users", "email=a@example.com") for _ in range(2))
    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"
    assert Invitation.objects.count() == 1


def test_a_list_of_many_takes_two_queries(caller: Caller, django_assert_num_queries: Any) -> None:
    for number in range(3):
        member(caller.account, f"user{number}@example.com")
    caller.get("users")
    with django_assert_num_queries(2):
        assert caller.get("users").json()["total_returned"] == 3


def test_an_inactive_account_still_answers(caller: Caller) -> None:
    Account.objects.filter(pk=caller.account.pk).update(active=False)
    assert caller.get("users").status_code == 200
