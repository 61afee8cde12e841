"""Who may call, how often, and how."""

from __future__ import annotations

import pytest

from crm.models import Customer
from tests.feedback.api.callers import Caller, secret_of


def test_a_hundred_calls_a_minute_are_let_in(better):
    answer = better.get("/people")
    assert (answer["X-RateLimit-Limit"], answer["X-RateLimit-Remaining"], answer["X-RateLimit-Reset"]) == (
        "100",
        "99",
        "1",
    )


def test_rate_headers_are_on_every_answer_and_one_call_too_many_has_no_effect(account, better):
    # So few that none comes back while the test runs.
    account.rate_limits = {"buildbetter": 3}
    account.save()
    calls = [("GET", "/people"), ("GET", "/nowhere"), ("DELETE", "/people")]
    assert [better.call(*call)["X-RateLimit-Remaining"] for call in calls] == ["2", "1", "0"]
    refused = better.put("/people", {"email": "jane@example.com"})
    assert (refused.status_code, refused["X-RateLimit-Remaining"]) == (429, "0")
    assert int(refused["Retry-After"]) >= 1
    assert refused.json()["error"]["code"] == "rate_limited"
    assert not Customer.objects.exists()


@pytest.mark.parametrize("headers", [{}, {"X-BuildBetter-Api-Key": "wrong"}, {"Authorization": "Basic abc"}])
def test_who_calls_is_settled_first(db, headers):
    for path in ("/feedback-sources", "/feedback-sources/1/records", "/nowhere"):
        answer = Caller("/v3/rest", headers).post(path, b"{")
        message = answer.json()["message"]
        assert (answer.status_code, answer["Content-Type"]) == (401, "application/json")
        assert answer["WWW-Authenticate"] == 'ApiKey header="X-BuildBetter-Api-Key"'
        error = {"code": "unauthorized", "message": message, "details": []}
        assert answer.json() == {"error": error, "message": message}


def test_a_bearer_token_is_taken_as_well(account):
    caller = Caller("/v3/rest", {"Authorization": f"Bearer {secret_of(account)}"})
    assert caller.get("/people").status_code == 200


def test_another_method_is_named_with_those_that_are_served(better):
    answer = better.delete("/people")
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method_not_allowed")
    assert set(answer["Allow"].split(", ")) == {"GET", "HEAD", "PUT", "OPTIONS"}
