"""What is refused, and in which words: whole bodies."""

from __future__ import annotations

import pytest

from accounts.domain import actors, keys
from feedback.models import FeedbackRecord
from tests.feedback.api.callers import HOSTILE_BODIES, Caller, bearer, secret_of

TODAY = {
    "field_id": "q1",
    "field_type": "rating",
    "source_type": "survey",
    "tenant_id": "org-123",
    "submission_id": "s-1",
}
NINE = "text, categorical, nps, csat, ces, rating, number, boolean, date"


def without(*names: str) -> dict[str, str]:
    return {name: value for name, value in TODAY.items() if name not in names}


def test_a_missing_member_is_a_validation_error(hub):
    answer = hub.post("/feedback-records", without("field_id"), headers={"X-Request-ID": "r-1"})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json() == {
        "type": "https://hub.formbricks.com/problems/validation",
        "title": "Validation Error",
        "status": 400,
        "detail": "One or more request parameters are invalid",
        "instance": "/v1/feedback-records",
        "code": "validation",
        "request_id": "r-1",
        "invalid_params": [{"name": "field_id", "reason": "is required"}],
    }


def test_an_old_client_reads_the_problem_of_its_document(hub):
    body = without("field_id", "tenant_id", "submission_id")
    answer = hub.post("/feedback-records", body, headers={"X-Request-ID": "r-1"})
    assert answer.json() == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "Required field 'field_id' is missing",
        "instance": "/v1/feedback-records",
        "code": "validation",
        "request_id": "r-1",
        "invalid_params": [{"name": "field_id", "reason": "is required"}],
        "errors": [{"location": "field_id", "message": "field_id is required"}],
    }


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("source_type", "", "is required"),
        ("source_type", None, "is required"),
        ("source_type", "a" * 256, "must be at most 255"),
        ("source_type", 5, "must be string"),
        ("submission_id", "", "is required"),
        ("tenant_id", "", "is required"),
        ("tenant_id", " \t ", "is required"),
        ("tenant_id", "a" * 256, "must be at most 255"),
        ("field_type", "stars", f'has invalid value "stars"; must be one of: {NINE}'),
        ("field_type", 5, f"must be one of: {NINE}"),
        ("field_label", "a" * 2049, "must be at most 2048"),
        ("value_text", "ü" * 30_001, "must be at most 30000"),
        ("value_id", "a" * 256, "must be at most 255"),
        ("value_number", "9", "must be float64"),
        ("value_number", True, "must be float64"),
        ("value_number", 1e15 + 1, "must be at most 1000000000000000"),
        ("value_number", -9999999999999999999, "must be at least -1000000000000000"),
        ("value_boolean", "yes", "must be bool"),
        ("value_boolean", 1, "must be bool"),
        ("metadata", [], "must be an object or null"),
        ("metadata", "a", "must be an object or null"),
        ("language", "a" * 11, "must be at most 10"),
        ("collected_at", "1969-12-31T23:59:59Z", "must be between 1970-01-01 and 2080-12-31"),
        ("value_date", "2081-01-01T00:00:00Z", "must be between 1970-01-01 and 2080-12-31"),
        ("nonsense", 1, "is not a recognized request field"),
        ("Field_ID", "q1", "is not a recognized request field"),
        ("sentiment", "positive", "is not a recognized request field"),
    ],
)
def test_a_member_that_does_not_fit_is_named_with_its_reason(hub, name, value, reason):
    answer = hub.post("/feedback-records", {**TODAY, name: value})
    assert answer.status_code == 400
    assert (answer.json()["code"], answer.json()["title"]) == ("validation", "Validation Error")
    assert answer.json()["invalid_params"] == [{"name": name, "reason": reason}]
    assert not FeedbackRecord.objects.exists()


def test_lengths_count_characters(hub):
    assert hub.post("/feedback-records", {**TODAY, "value_text": "ü" * 30_000}).status_code == 201


@pytest.mark.parametrize(
    "value", ["yesterday", "2024-01-15", "2024-01-15T10:30:00", "2024-13-15T10:30:00Z", "", 5, True, {}]
)
def test_a_time_that_cannot_be_read_is_a_bad_request(hub, value):
    for name in ("collected_at", "value_date"):
        body = hub.post("/feedback-records", {**TODAY, name: value}).json()
        assert (body["code"], body["title"], body["detail"]) == ("bad_request", "Bad Request", "Invalid request body")
        assert body["invalid_params"] == [{"name": name, "reason": "must be in RFC3339 (ISO 8601) format"}]


def test_two_names_of_one_user_must_agree(hub):
    same = hub.post("/feedback-records", {**TODAY, "user_id": "a", "user_identifier": "a"})
    other = hub.post("/feedback-records", {**TODAY, "submission_id": "2", "user_id": "a", "user_identifier": "b"})
    assert (same.status_code, other.status_code) == (201, 400)
    assert other.json()["invalid_params"] == [{"name": "user_id", "reason": "must be the same as user_identifier"}]


def test_a_hostile_body_is_a_bad_request_and_stores_nothing(hub):
    for hostile, body in HOSTILE_BODIES.items():
        answer = hub.post("/feedback-records", body)
        assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json"), hostile
        assert answer.json()["instance"] == "/v1/feedback-records"
    assert not FeedbackRecord.objects.exists()


def test_another_media_type_is_refused(hub):
    answer = hub.post("/feedback-records", TODAY, content_type="text/plain")
    assert (answer.status_code, answer["Content-Type"]) == (415, "application/problem+json")


def test_accept_is_never_a_reason_to_refuse(hub):
    for accept in ("text/plain", "*/*", "text/html", "nonsense"):
        assert hub.get("/feedback-records", headers={"Accept": accept}).status_code == 200


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        (None, "Missing Authorization header"),
        ("Basic abc", "Invalid Authorization header format. Expected: Bearer <api-key>"),
        ("nonsense", "Invalid Authorization header format. Expected: Bearer <api-key>"),
        ("Bearer ", "API key is empty"),
        ("Bearer wrong", "Invalid API key"),
        ("Bearer kléf", "Invalid API key"),
    ],
)
def test_who_calls_is_settled_first_and_four_ways_to_fail_are_told_apart(db, header, detail):
    stranger = Caller("/v1", {"Authorization": header} if header is not None else {})
    for path in ("/feedback-records", "/nowhere", "/webhooks"):
        answer = stranger.post(path, b"{", headers={"X-Request-ID": "r-1"})
        assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
        assert (answer["WWW-Authenticate"], answer["Cache-Control"]) == ("Bearer", "no-store")
        assert answer.json() == {
            "type": "https://hub.formbricks.com/problems/unauthorized",
            "title": "Unauthorized",
            "status": 401,
            "detail": detail,
            "instance": f"/v1{path}",
            "code": "unauthorized",
            "request_id": "r-1",
        }


def test_the_scheme_may_be_in_any_case_but_a_second_blank_belongs_to_the_key(account):
    secret = secret_of(account)
    assert Caller("/v1", {"Authorization": f"bEARER {secret}"}).get("/feedback-records").status_code == 200
    answer = Caller("/v1", {"Authorization": f"Bearer  {secret}"}).get("/feedback-records")
    assert answer.json()["detail"] == "Invalid API key"


def test_an_expired_and_a_revoked_key_are_no_keys(account, hub):
    issued = keys.issue(account=account, name="Old", actor=actors.SYSTEM)
    caller = bearer(issued.secret, "/v1")
    assert caller.get("/feedback-records").status_code == 200
    keys.revoke(key=issued.key, actor=actors.SYSTEM)
    assert caller.get("/feedback-records").json()["detail"] == "Invalid API key"


def test_a_key_of_another_contract_is_forbidden(account):
    answer = bearer(secret_of(account, "inkeep"), "/v1").get("/feedback-records", headers={"X-Request-ID": "r-1"})
    assert answer.status_code == 403
    assert answer.json() == {
        "type": "https://hub.formbricks.com/problems/forbidden",
        "title": "Forbidden",
        "status": 403,
        "detail": "This key may not read here.",
        "instance": "/v1/feedback-records",
        "code": "forbidden",
        "request_id": "r-1",
    }


def test_an_unknown_address_is_a_problem(hub):
    answer = hub.get("/nowhere", headers={"X-Request-ID": "r-1"})
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert (answer.json()["code"], answer.json()["instance"]) == ("not_found", "/v1/nowhere")


def test_a_method_that_is_not_served_names_those_that_are(hub):
    answer = hub.put("/feedback-records", {})
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
    assert set(answer["Allow"].split(", ")) == {"GET", "HEAD", "POST", "DELETE", "OPTIONS"}
    assert answer.json()["code"] == "method_not_allowed"


def test_health_needs_no_key_and_is_plain_text(db):
    answer = Caller().get("/health", headers={"Accept": "text/plain"})
    assert (answer.status_code, answer.content) == (200, b"OK")
    assert answer["Content-Type"].startswith("text/plain")
