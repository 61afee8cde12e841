"""Idempotency-Key: the work is done once, and its first answer is given again."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import Account
from feedbackhub.models import IdempotencyKey
from tests.feedbackhub.api import fake
from tests.feedbackhub.api.conftest import Caller, caller_of

pytestmark = [pytest.mark.urls("tests.feedbackhub.api.fake"), pytest.mark.django_db]
KEY = {"Idempotency-Key": "order-17"}


def name_of(account: Account) -> str:
    return account.api_keys.latest("pk").name


def test_the_first_answer_is_given_again(caller: Caller, account: Account):
    first = caller.post("/fake/things", {"name": "One"}, headers=KEY)
    account.api_keys.update(name="Changed since")
    again = caller.post("/fake/things", {"name": "One"}, headers=KEY)

    assert (again.status_code, again.content) == (201, first.content)
    assert again["Content-Type"] == first["Content-Type"] == "application/json"
    assert again["Location"] == "/fake/things/1"
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert again["X-Request-ID"] != first["X-Request-ID"]
    assert name_of(account) == "Changed since"


def test_without_the_header_nothing_is_kept(caller: Caller):
    caller.post("/fake/things", {"name": "One"})

    assert not IdempotencyKey.objects.exists()


def test_another_body_is_a_422_and_does_nothing(caller: Caller, account: Account):
    caller.post("/fake/things", {"name": "One"}, headers=KEY)
    other = caller.post("/fake/things", {"name": "Two"}, headers=KEY)

    assert other.status_code == 422
    assert other.json()["code"] == "unprocessable"
    assert name_of(account) == "One"


def test_another_query_is_another_body(caller: Caller):
    caller.post("/fake/things?a=1", {"name": "One"}, headers=KEY)

    assert caller.post("/fake/things?a=2", {"name": "One"}, headers=KEY).status_code == 422


def test_another_route_is_another_call(caller: Caller):
    caller.post("/fake/things", {"name": "One"}, headers=KEY)
    searched = caller.post("/fake/search", {"name": "One"}, headers=KEY)

    assert searched.status_code == 200
    assert "Idempotency-Replayed" not in searched


def test_another_account_is_another_call(caller: Caller, other_account: Account):
    caller.post("/fake/things", {"name": "One"}, headers=KEY)
    charlies = caller_of(other_account).post("/fake/things", {"name": "Charlie's"}, headers=KEY)

    assert charlies.status_code == 201
    assert name_of(other_account) == "Charlie's"


def test_another_key_of_the_account_is_the_same_caller(caller: Caller, account: Account):
    caller.post("/fake/things", {"name": "One"}, headers=KEY)
    again = caller_of(account).post("/fake/things", {"name": "One"}, headers=KEY)

    assert again["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("key", ["", "x" * 256, "ümlaut", "tab\tbed"])
def test_a_key_that_is_none_is_a_400(caller: Caller, account: Account, key: str):
    response = caller.post("/fake/things", {"name": "One"}, headers={"Idempotency-Key": key})

    assert response.status_code == 400
    assert response.json()["fields"] == {"Idempotency-Key": "must be 1 to 255 printable ASCII characters"}
    assert name_of(account) == "Shop"


@pytest.mark.parametrize("key", ["x", "x" * 255, "a b~!"])
def test_a_key_may_be_255_printable_characters(caller: Caller, key: str):
    assert caller.post("/fake/things", {"name": "One"}, headers={"Idempotency-Key": key}).status_code == 201


def test_the_header_means_nothing_on_other_methods(caller: Caller):
    assert caller.get("/fake/things", headers={"Idempotency-Key": ""}).status_code == 200


@pytest.mark.parametrize("body", [{"name": "One", "then": "conflict"}, {"name": "x" * 101}, []])
def test_a_refusal_is_remembered_and_its_work_rolled_back(caller: Caller, account: Account, body: object):
    first = caller.post("/fake/things", body, headers=KEY)
    again = caller.post("/fake/things", body, headers=KEY)

    assert first.status_code in (400, 409)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again["Content-Type"] == "application/problem+json"
    assert again["Idempotency-Replayed"] == "true"
    assert name_of(account) == "Shop"


def test_work_before_a_refusal_is_rolled_back_although_the_refusal_is_kept(caller: Caller, account: Account):
    body = {"name": "One", "then": "conflict afterwards"}

    assert caller.post("/fake/things", body, headers=KEY).status_code == 409
    assert name_of(account) == "Shop"
    assert caller.post("/fake/things", body, headers=KEY)["Idempotency-Replayed"] == "true"


def test_a_crash_leaves_nothing_and_may_be_repeated(caller: Caller, account: Account):
    crashed = caller.post("/fake/things", {"name": "One", "then": "crash"}, headers=KEY)

    assert crashed.status_code == 500
    assert name_of(account) == "Shop"
    assert not IdempotencyKey.objects.exists()
    # Another body now: nothing is known of the first.
    assert caller.post("/fake/things", {"name": "One"}, headers=KEY).status_code == 201


def test_an_answer_that_asks_for_a_repetition_is_not_remembered(caller: Caller):
    first = caller.post("/fake/sleep", headers=KEY)
    again = caller.post("/fake/sleep", headers=KEY)

    assert [first.status_code, again.status_code] == [503, 503]
    assert "Idempotency-Replayed" not in again


def test_a_refusal_by_the_rate_limit_is_not_remembered(account: Account):
    Account.objects.filter(pk=account.pk).update(rate_limits={"fake": 1})
    limited = caller_of(account)
    limited.get("/fake/things")

    assert limited.post("/fake/things", {"name": "One"}, headers=KEY).status_code == 429
    assert not IdempotencyKey.objects.exists()


def test_after_a_day_the_key_is_free(caller: Caller, account: Account):
    caller.post("/fake/things", {"name": "One"}, headers=KEY)
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    later = caller.post("/fake/things", {"name": "Two"}, headers=KEY)

    assert later.status_code == 201
    assert name_of(account) == "Two"
    kept = IdempotencyKey.objects.get()
    assert bytes(kept.body) == b'{"name":"Two"}'
    assert timezone.now() - kept.created_at < timedelta(minutes=1)


@pytest.mark.django_db(transaction=True)
class TestForReal:
    """With transactions that really commit."""

    @pytest.fixture(autouse=True)
    def _forget_commits(self) -> None:
        fake.ran_after_commit.clear()

    def test_what_runs_on_commit_runs_once(self, caller: Caller):
        caller.post("/fake/things", {"name": "One"}, headers=KEY)
        caller.post("/fake/things", {"name": "One"}, headers=KEY)

        assert fake.ran_after_commit == ["One"]

    def test_what_runs_on_commit_does_not_run_for_a_refusal(self, caller: Caller):
        caller.post("/fake/things", {"name": "One", "then": "conflict"}, headers=KEY)

        assert fake.ran_after_commit == []

    def test_two_at_once_do_the_work_once(self, caller: Caller, account: Account, monkeypatch):
        entered, leave = threading.Event(), threading.Event()
        monkeypatch.setattr(fake, "pause", lambda: (entered.set(), leave.wait(10)))

        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(self.post_in_thread, caller)
            assert entered.wait(10)
            second = caller.post("/fake/things", {"name": "One", "then": "pause"}, headers=KEY)
            leave.set()
            first = running.result(10)

        assert first.status_code == 201
        assert second.status_code == 409
        assert second["Retry-After"] == "1"
        assert fake.ran_after_commit == ["One"]
        third = caller.post("/fake/things", {"name": "One", "then": "pause"}, headers=KEY)
        assert (third.status_code, third["Idempotency-Replayed"]) == (201, "true")

    def test_a_stampede_does_the_work_once(self, caller: Caller):
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _n: self.post_in_thread(caller, then=None), range(24)))

        assert {answer.status_code for answer in answers} <= {201, 409}
        assert sum(a.status_code == 201 and "Idempotency-Replayed" not in a for a in answers) == 1
        assert fake.ran_after_commit == ["One"]

    def test_work_and_answer_are_one_commit(self, caller: Caller, account: Account, monkeypatch):
        def lost(**_answer: object) -> None:
            raise RuntimeError("the process dies between the work and its answer")

        monkeypatch.setattr(IdempotencyKey, "keep", lost)
        response = caller.post("/fake/things", {"name": "One"}, headers=KEY)

        assert response.status_code == 500
        assert name_of(account) == "Shop"
        assert fake.ran_after_commit == []
        assert not IdempotencyKey.objects.exists()

    @staticmethod
    def post_in_thread(caller: Caller, then: str | None = "pause"):
        try:
            own = Caller(caller.secret)
            return own.post("/fake/things", {"name": "One", **({"then": then} if then else {})}, headers=KEY)
        finally:
            connections.close_all()
