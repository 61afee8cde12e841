"""So many calls a minute, for all processes together."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from unittest import mock

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account
from feedbackhub.api import gcra, limits
from tests.feedbackhub.api import fake
from tests.feedbackhub.api.conftest import Caller, caller_of

SECOND = gcra.SECOND


@pytest.fixture(autouse=True)
def _fresh() -> None:
    limits.reset()


def run(limit: int, moments: list[float]) -> list[gcra.Outcome]:
    """Outcomes of calls at those microseconds, by the rule itself."""
    state, outcomes = None, []
    for now in moments:
        state, outcome = gcra.decide(state, now=now, limit=limit)
        outcomes.append(outcome)
    return outcomes


def test_a_fresh_key_may_fire_the_whole_limit_and_not_one_more():
    outcomes = run(100, [0.0] * 101)

    assert [outcome.allowed for outcome in outcomes] == [True] * 100 + [False]
    assert [outcome.remaining for outcome in outcomes] == [*range(99, -1, -1), 0]
    assert outcomes[-1].wait == 10 * SECOND
    assert outcomes[-1].reset == 60 * SECOND


def test_a_burst_that_takes_nine_seconds_earns_nothing_on_its_way():
    outcomes = run(100, [n * 9 * SECOND / 150 for n in range(150)])

    assert sum(outcome.allowed for outcome in outcomes) == 100


def test_after_a_tick_a_sixth_of_the_limit_is_back():
    outcomes = run(60, [0.0] * 61 + [10 * SECOND] * 11)

    assert [outcome.allowed for outcome in outcomes[61:]] == [True] * 10 + [False]


def test_who_waits_as_told_is_let_in():
    for limit in (1, 2, 7, 60, 100, 601):
        state, now = None, 12_345.0
        for _ in range(limit * 3):
            state, outcome = gcra.decide(state, now=now, limit=limit)
            if not outcome.allowed:
                assert outcome.wait > 0
                state, early = gcra.decide(state, now=now + outcome.wait - 2, limit=limit)
                assert not early.allowed
                now += outcome.wait
                state, outcome = gcra.decide(state, now=now, limit=limit)
                assert outcome.allowed


@given(limit=st.integers(1, 700), gaps=st.lists(st.integers(0, 20 * SECOND), max_size=300))
def test_never_more_than_the_burst_and_what_came_back(limit: int, gaps: list[int]):
    state, now, allowed = None, 0, 0
    for gap in gaps:
        now += gap
        state, outcome = gcra.decide(state, now=now, limit=limit)
        allowed += outcome.allowed

        assert allowed <= limit + limit * now / gcra.PERIOD + 1e-3


def test_redis_and_the_process_follow_the_same_rule():
    local = run(7, [0.0] * 9)
    shared = [limits.take("same-rule", 7) for _ in range(9)]

    assert [verdict.allowed for verdict in shared] == [outcome.allowed for outcome in local]
    assert [verdict.remaining for verdict in shared] == [outcome.remaining for outcome in local]
    assert {verdict.retry_after for verdict in shared[7:]} == {10}


def test_two_hundred_at_once_get_exactly_the_limit():
    barrier = threading.Barrier(200)

    def take(_n: int) -> bool:
        barrier.wait()
        return limits.take("stampede", 100).allowed

    with ThreadPoolExecutor(200) as pool:
        allowed = sum(pool.map(take, range(200)))

    assert allowed == 100


def test_keys_do_not_share_a_counter():
    assert limits.take("one", 1).allowed
    assert limits.take("two", 1).allowed
    assert not limits.take("one", 1).allowed


def test_a_counter_forgets_itself_once_it_is_whole():
    limits.take("short-lived", 60)
    client = redis.Redis.from_url(limits.settings.CACHE_URL)

    assert 0 < client.pttl("hub:limit:short-lived") <= 1_000


def test_a_limit_of_zero_asks_nobody():
    with mock.patch.object(limits, "_script", side_effect=AssertionError("asked")):
        assert limits.take("any", 0) == limits.UNLIMITED


class Down:
    """A Redis that does not answer, and counts who asks."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, **_arguments: object) -> list[int]:
        self.asked += 1
        raise redis.TimeoutError("no answer")


def test_without_redis_calls_are_let_in_under_a_limit_of_this_process(caplog: pytest.LogCaptureFixture):
    down = Down()
    with mock.patch.object(limits, "_script", return_value=down), caplog.at_level(logging.WARNING):
        verdicts = [limits.take("alone", 5) for _ in range(7)]

    assert [verdict.allowed for verdict in verdicts] == [True] * 5 + [False] * 2
    assert verdicts[-1].retry_after == 20
    assert "limits.redis_unavailable" in str(caplog.records[0].msg)


def test_a_redis_that_did_not_answer_is_left_alone_for_a_moment():
    down = Down()
    with mock.patch.object(limits, "_script", return_value=down):
        for _ in range(50):
            limits.take("patient", 100)
        assert down.asked == 1

        with mock.patch.object(limits.time, "monotonic", return_value=time.monotonic() + limits.BREAK_SECONDS + 1):
            limits.take("patient", 100)
        assert down.asked == 2


def test_an_address_where_nobody_listens_does_not_hold_a_call_up(settings):
    settings.CACHE_URL = "redis://127.0.0.1:1/0"
    started = time.monotonic()

    assert limits.take("nobody", 1).allowed
    assert not limits.take("nobody", 1).allowed
    assert time.monotonic() - started < 5


@pytest.mark.urls("tests.feedbackhub.api.fake")
@pytest.mark.django_db
class TestOnTheWire:
    @pytest.fixture
    def limited(self, account: Account) -> Caller:
        Account.objects.filter(pk=account.pk).update(rate_limits={"fake": 2})
        return caller_of(account)

    def test_a_call_too_many_is_a_429_that_says_how_long(self, limited: Caller):
        answers = [limited.get("/fake/things") for _ in range(3)]

        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[2]["Retry-After"] == "30"
        assert answers[2].json()["code"] == "rate_limited"

    def test_a_contract_may_say_how_much_is_left(self, limited: Caller, monkeypatch):
        monkeypatch.setattr(fake.Things, "contract", replace(fake.CONTRACT, rate_headers=True))
        answers = [limited.get("/fake/things"), limited.post("/fake/things", []), limited.get("/fake/things")]

        assert [answer.status_code for answer in answers] == [200, 400, 429]
        assert [answer["X-RateLimit-Limit"] for answer in answers] == ["2"] * 3
        assert [answer["X-RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
        assert [answer["X-RateLimit-Reset"] for answer in answers] == ["30", "60", "60"]

    def test_other_contracts_say_nothing(self, limited: Caller):
        assert "X-RateLimit-Limit" not in limited.get("/fake/things")

    def test_a_refused_call_has_no_effect(self, limited: Caller, account: Account):
        limited.get("/fake/things")
        limited.get("/fake/things")

        assert limited.post("/fake/things", {"name": "Renamed"}).status_code == 429
        assert account.api_keys.get().name == "Shop"

    def test_a_key_has_a_limit_of_its_own(self, limited: Caller, account: Account):
        for _ in range(3):
            limited.get("/fake/things")

        assert caller_of(account).get("/fake/things").status_code == 200

    def test_calls_that_go_nowhere_count_too(self, limited: Caller):
        answers = [limited.get("/fake/nowhere") for _ in range(3)]

        assert [answer.status_code for answer in answers] == [404, 404, 429]

    def test_the_setting_holds_where_the_account_has_none(self, caller: Caller, settings):
        settings.RATE_LIMITS = {"fake": 1}

        assert caller.get("/fake/things").status_code == 200
        assert caller.get("/fake/things").status_code == 429

    def test_an_account_may_be_unlimited(self, account: Account, settings):
        settings.RATE_LIMITS = {"fake": 1}
        Account.objects.filter(pk=account.pk).update(rate_limits={"fake": 0})
        unlimited = caller_of(account)

        assert [unlimited.get("/fake/things").status_code for _ in range(3)] == [200, 200, 200]
