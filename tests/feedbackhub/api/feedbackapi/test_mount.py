"""What every path of the mount does alike."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import Account
from crm.models import Customer, Location
from tests.feedbackapi import FORM, FeedbackAPI, check, key_of, refused

pytestmark = pytest.mark.django_db
NOUNS = ["customers", "subscribers", "locations", "reviews", "feedback", "feedback-request", "accounts", "users"]


PATHS = [*NOUNS, *(f"{noun}/abc/" for noun in NOUNS), "", "nowhere", "customers/a/b"]


def stranger(method: str, path: str, authorization: str = "") -> HttpResponse:
    headers = {"Authorization": authorization} if authorization else {}
    response = Client(raise_request_exception=False).generic(method, f"/v1.3/{path}", headers=headers)
    check(method, path, response)
    return response


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "PUT", "DELETE"])
def test_a_stranger_learns_nothing(method: str) -> None:
    for path in PATHS:
        response = stranger(method, path)
        refused(response, 401)
        assert response["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    "authorization",
    ["Bearer x", "Basic", "Basic !!!", "Basic " + base64.b64encode(b"nokey:").decode(), "Basic w7w6"],
)
def test_what_is_no_key_opens_nothing(authorization: str) -> None:
    refused(stranger("GET", "customers", authorization), 401)


@pytest.mark.parametrize("path", ["", "nowhere", "customers/a/b", "customer"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_path_is_a_404(api: FeedbackAPI, method: str, path: str) -> None:
    refused(api.call(method, path), 404)


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "customers"), ("DELETE", "customers"), ("PATCH", "locations"), ("PUT", "users/x"), ("POST", "reviews")],
)
def test_a_wrong_method_is_a_405_that_says_which_are_right(api: FeedbackAPI, method: str, path: str) -> None:
    response = api.call(method, path)
    refused(response, 405)
    assert "GET" in response["Allow"]


@pytest.mark.parametrize("accept", ["application/json", "application/vnd.api+json", "text/html", "image/png", "*/*"])
def test_accept_is_no_reason_to_refuse(api: FeedbackAPI, accept: str) -> None:
    api.ok(api.get("customers", Accept=accept))


@pytest.mark.parametrize("type", ["text/plain", "application/xml", "multipart/form-data; boundary=x", ""])
def test_another_media_type_is_a_415(api: FeedbackAPI, type: str) -> None:
    refused(api.call("POST", "customers", '{"email":"a@example.com"}', type), 415)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b'"text"',
        b'{"fname":"a","fname":"b"}',
        b'{"fname":NaN}',
        b'{"fname":1e999}',
        b'{"fname":12345678901234567890}',
        b'{"fname":"\\u0000"}',
        b'{"fname":"\\ud800"}',
        b'{"fname\\u0000":"x"}',
        b'{"fname":"\xff"}',
        b'{"fname":' + b"[" * 40 + b"]" * 40 + b"}",
        b'{"fname":{"a":1}}',
        b'{"fname":["a"]}',
        b'{"fname":1}',
        b'{"opt_out":1}',
        b'{"location_add":[1]}',
        b'{"location_add":{"a":"b"}}',
        b'{"mobile_number":18135550123}',
    ],
)
@pytest.mark.parametrize("type", ["application/json", "application/vnd.api+json"])
def test_a_hostile_body_is_a_400_and_stores_nothing(api: FeedbackAPI, account: Account, body: bytes, type: str) -> None:
    assert api.call("POST", "customers", body, type).status_code == 400
    assert not Customer.objects.exists()


def test_a_body_beyond_the_limit_is_a_413(api: FeedbackAPI) -> None:
    refused(api.call("POST", "customers", b'{"fname":"' + b"x" * 2_200_000 + b'"}', "application/json"), 413)
    refused(api.call("POST", "customers", b"fname=" + b"x" * 2_200_000, FORM), 413)


def test_a_key_that_may_only_read_does_not_write(account: Account) -> None:
    reader = key_of(account, scopes=["feedbackapi:read"])
    reader.ok(reader.get("customers"))
    refused(reader.post("locations", {"name": "Home", "country_code": "US"}), 401)
    assert not Location.objects.exists()


def test_too_many_calls_are_a_429_that_says_when_to_come_back(api: FeedbackAPI, account: Account) -> None:
    Account.objects.update(rate_limits={"feedbackapi": 3})
    answers = [api.get("customers") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert int(answers[-1]["Retry-After"]) >= 1


def test_an_idempotency_key_makes_a_repetition_harmless(api: FeedbackAPI) -> None:
    home = {"name": "Home", "country_code": "US"}
    first = api.post("locations", home, Idempotency_Key="k1")
    again = api.post("locations", home, Idempotency_Key="k1")
    assert again.content == first.content
    assert again["Idempotency-Replayed"] == "true"
    assert Location.objects.count() == 1
    refused(api.post("locations", {**home, "name": "Other"}, Idempotency_Key="k1"), 422)


def test_the_clients_request_id_comes_back(api: FeedbackAPI) -> None:
    response = api.get("customers/none", X_Request_ID="mine-1")
    assert response["X-Request-ID"] == response.json()["request_id"] == "mine-1"


def test_a_browser_may_call_from_a_listed_origin(api: FeedbackAPI) -> None:
    Account.objects.update(cors_origins=["https://app.example.com"])
    allowed = api.get("customers", Origin="https://app.example.com")
    assert allowed["Access-Control-Allow-Origin"] == "https://app.example.com"
    assert "Access-Control-Allow-Credentials" not in allowed.headers
    assert "Access-Control-Allow-Origin" not in api.get("customers", Origin="https://evil.example").headers


@pytest.mark.parametrize("accept", ["application/json;timestamps=iso", "*/*, application/json; timestamps=ISO;q=0.9"])
def test_timestamps_are_iso_when_asked_for(api: FeedbackAPI, accept: str) -> None:
    home = api.ok(api.post("locations", {"name": "Home", "country_code": "US"}, Accept=accept))
    assert home["created"].endswith("Z")
    assert isinstance(api.ok(api.get(f"locations/{home['id']}"))["created"], int)


@pytest.mark.parametrize(
    "value",
    ["2025-01-01T00:00:00.5Z", "2025-01-01T00:00:00,5Z", "1735689600", "2025-01-01T01:00:00+01:00",
     "2025-01-01T01:00:00%2B01:00"],
)  # fmt: skip
def test_bounds_are_taken_in_either_form(api: FeedbackAPI, account: Account, value: str) -> None:
    for second in (0, 1):
        row = Location.objects.create(account=account, name=f"Second {second}", country_code="US")
        moment = datetime(2025, 1, 1, 0, 0, second, 500_000, tzinfo=UTC)
        Location.objects.filter(pk=row.pk).update(created_at=moment)
    found = api.ok(api.get(f"locations?created_after={value}&created_before={value}"))["data"]
    assert [row["name"] for row in found] == ["Second 0"]


def test_arguments_in_the_address_are_not_dropped_silently(api: FeedbackAPI, account: Account) -> None:
    home = Location.objects.create(account=account, name="Home", country_code="US")
    for method in ("POST", "PATCH"):
        refused(api.call(method, f"locations/{home.public_id}?name=Other", b"{}", "application/json"), 400, "name")
    refused(api.call("POST", "locations?country_code=US", "name=Shop&country_code=US", FORM), 400, "country_code")
    assert Location.objects.get().name == "Home"


@pytest.mark.parametrize(
    ("query", "param", "message"),
    [
        ("limit=0", "limit", "limit must be a whole number from 1 to 100."),
        ("limit=1&limit=2", "limit", "limit is given more than once."),
        ("=x", None, "What has no name is not a parameter of this list. Known are: country_code, created_after,"),
        (
            "created_after=x",
            "created_after",
            "created_after must be a timestamp with a zone such as 2025-01-31T12:00:00Z",
        ),
    ],
)
def test_a_refusal_is_whole_sentences(api: FeedbackAPI, query: str, param: str | None, message: str) -> None:
    said = refused(api.get(f"locations?{query}"), 400, param)
    assert said.startswith(message)
    assert said.endswith(".")


def test_json_sent_as_a_form_is_told_how_to_say_so(api: FeedbackAPI) -> None:
    message = refused(api.call("POST", "customers", '{"email": "a@example.com"}', FORM), 400)
    assert "Send Content-Type: application/json." in message


@pytest.mark.parametrize("noun", ["customers", "locations", "reviews", "feedback", "feedback-request", "users"])
def test_an_unknown_parameter_is_told_which_are_known(api: FeedbackAPI, noun: str) -> None:
    message = refused(api.get(f"{noun}?colour=red"), 400, "colour")
    assert "created_after, created_before" in message
    assert message.count("limit") == message.count("sort_by") == 1


def hostile(api: FeedbackAPI, query: str) -> Any:
    return api.get(f"locations?{query}")


@pytest.mark.parametrize(
    "query", ["name=%00", "name=%FF", "na%00me=x", "limit=9999999999999999999999", "page=1e3", "limit=%EF%BC%91"]
)
def test_a_hostile_query_is_a_400(api: FeedbackAPI, query: str) -> None:
    assert hostile(api, query).status_code == 400
