"""Thumbs: logged, changed by id, listed, read, deleted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from crm.models import Customer, Identity
from feedback.models import FeedbackRecord
from tests.feedback.api.callers import HOSTILE_BODIES, Caller, bearer, secret_of
from tests.threads import at_once

NOW = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
SEED = {
    "id": "string",
    "type": "positive",
    "messageId": "string",
    "createdAt": "2019-08-24T14:15:22Z",
    "reasons": [{"label": "string", "details": "string"}],
    "properties": {},
    "userProperties": {
        "id": "string",
        "identificationType": "COOKIED",
        "userId": "string",
        "supportAgentName": "string",
    },
}
SMALLEST = {"type": "negative", "messageId": "m-1"}


@time_machine.travel(NOW, tick=False)
def test_the_sample_call_of_the_document_is_logged(inkeep, account):
    answer = inkeep.post("/feedback", SEED)

    record = FeedbackRecord.objects.get()
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer.json() == {
        **SEED,
        "createdAt": "2019-08-24T14:15:22.000Z",
        "updatedAt": "2026-03-01T12:00:00.250Z",
    }
    assert (record.account, record.contract, record.submission_id) == (account, "inkeep", "string")
    assert (record.source_type, record.source_id, record.value_boolean) == ("ai_reply", "string", True)
    assert (record.field_id, record.field_type, record.value_text) == ("thumb", "boolean", "string: string")
    assert record.collected_at == datetime(2019, 8, 24, 14, 15, 22, tzinfo=UTC)


@time_machine.travel(NOW, tick=False)
def test_the_smallest_thumb_gets_an_id_and_the_present_time(inkeep):
    answer = inkeep.post("/feedback/", SMALLEST)
    assert answer.status_code == 200
    assert answer.json() == {
        **SMALLEST,
        "id": FeedbackRecord.objects.get().submission_id,
        "createdAt": "2026-03-01T12:00:00.250Z",
        "updatedAt": "2026-03-01T12:00:00.250Z",
    }


def test_thumbs_down_twice_updates_the_same_record(inkeep):
    for text in ("first", "second"):
        inkeep.post("/feedback", {**SMALLEST, "id": "f-1", "details": text})
    record = FeedbackRecord.objects.get()
    assert (record.value_boolean, record.value_text) == (False, "second")


def test_an_update_keeps_what_it_does_not_name_and_clears_what_it_nulls(inkeep):
    with time_machine.travel(NOW, tick=False):
        inkeep.post("/feedback", {**SEED, "id": "f-1", "details": "d", "sources": [{"type": None, "title": "t"}]})
    with time_machine.travel(datetime(2026, 4, 1, tzinfo=UTC), tick=False):
        body = {"id": "f-1", "type": "negative", "messageId": "other", "reasons": None, "properties": {"a": 1}}
        answer = inkeep.post("/feedback", body)
    assert answer.json() == {
        **SEED,
        **body,
        "details": "d",
        "sources": [{"type": None, "title": "t"}],
        "createdAt": "2019-08-24T14:15:22.000Z",
        "updatedAt": "2026-04-01T00:00:00.000Z",
    }
    assert (FeedbackRecord.objects.count(), FeedbackRecord.objects.get().source_id) == (1, "other")


def test_members_come_back_as_they_were_sent_numbers_as_numbers(inkeep):
    sent = {
        **SMALLEST,
        "id": "f-1",
        "reasons": [{"label": "", "details": "", "extra": 1.0}],
        "properties": {"n": 1, "s": "1", "f": 1.0, "big": -9223372036854775809, "deep": {"list": [None, True]}},
        "userProperties": {"id": 5, "userId": "5", "identificationType": None, "anything": {"a": []}},
        "sources": [{"type": "new", "title": "T", "url": "https://example.com"}],
        "details": None,
    }
    answer = inkeep.post("/feedback", sent).json()
    assert {name: answer[name] for name in sent} == sent
    whole = inkeep.get("/feedback/f-1")
    assert b'"f":1.0' in whole.content
    read = whole.json()
    assert {name: read[name] for name in sent} == sent
    assert isinstance(read["userProperties"]["id"], int)
    assert isinstance(read["userProperties"]["userId"], str)


def test_an_id_of_null_is_as_good_as_none(inkeep):
    ids = {inkeep.post("/feedback", {**SMALLEST, "id": None}).json()["id"] for _ in range(2)}
    assert len(ids) == 2


@pytest.mark.django_db(transaction=True)
def test_fifty_posts_of_one_id_at_once_make_one_row(inkeep):
    answers = at_once(50, lambda n: inkeep.post("/feedback", {**SMALLEST, "id": "f-1", "details": str(n)}))
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["id"] for answer in answers} == {"f-1"}
    assert FeedbackRecord.objects.count() == 1


def test_one_id_in_two_accounts_is_two_thumbs(inkeep, charlies_inkeep):
    inkeep.post("/feedback", {**SMALLEST, "id": "f-1", "details": "Alice's"})
    answer = charlies_inkeep.post("/feedback", {**SMALLEST, "id": "f-1"})
    assert "details" not in answer.json()
    assert FeedbackRecord.objects.count() == 2
    assert charlies_inkeep.delete("/feedback/f-1").status_code == 200
    assert inkeep.get("/feedback/f-1").json()["details"] == "Alice's"


def test_a_known_id_or_address_makes_the_thumb_the_customer_s(inkeep, account):
    jane = Customer.objects.create(account=account, email="jane@example.com")
    joe = Customer.objects.create(account=account, email="joe@example.com")
    Identity.objects.create(account=account, customer=joe, kind="inkeep:user_id", value="5")
    cases: list[tuple[dict[str, Any] | None, Any]] = [
        ({"userId": 5}, joe),
        ({"id": "5"}, joe),
        ({"userId": "jane@example.com"}, jane),
        ({"userId": "u-9", "email": "Jane@example.com"}, jane),
        # The key may read, so what it says about an id and an address together is remembered.
        ({"userId": "u-9"}, jane),
        ({"userId": "u-10"}, None),
        (None, None),
    ]
    for number, (person, owner) in enumerate(cases):
        inkeep.post("/feedback", {**SMALLEST, "id": f"f-{number}", "userProperties": person})
        assert FeedbackRecord.objects.get(submission_id=f"f-{number}").customer == owner


@pytest.mark.parametrize(
    ("changes", "name", "reason"),
    [
        ({"type": "neutral"}, "type", 'must be "positive" or "negative"'),
        ({"type": None}, "type", 'must be "positive" or "negative"'),
        ({"type": ["positive"]}, "type", 'must be "positive" or "negative"'),
        ({"messageId": None}, "messageId", "must be a string of 1 to 255 characters"),
        ({"messageId": 5}, "messageId", "must be a string of 1 to 255 characters"),
        ({"id": 5}, "id", "must be a string of 1 to 255 characters"),
        ({"id": ""}, "id", "must be a string of 1 to 255 characters"),
        ({"id": "a" * 256}, "id", "must be a string of 1 to 255 characters"),
        (
            {"createdAt": "2019-08-24T14:15:22"},
            "createdAt",
            "must be a timestamp with a zone such as 2025-01-31T12:00:00Z",
        ),
        ({"createdAt": 1566656122}, "createdAt", "must be a timestamp with a zone such as 2025-01-31T12:00:00Z"),
        ({"updatedAt": "2099-01-01T00:00:00Z"}, "updatedAt", "must lie between 1970-01-01 and 2080-12-31"),
        ({"reasons": {}}, "reasons", "must be an array of objects or null"),
        ({"reasons": ["bad"]}, "reasons", "must be an array of objects or null"),
        ({"reasons": [{"label": "a", "details": None}]}, "reasons.0.details", "must be a string"),
        ({"properties": []}, "properties", "must be an object or null"),
        ({"userProperties": "u"}, "userProperties", "must be an object or null"),
        ({"userProperties": {"userId": True}}, "userProperties.userId", "must be a string or a number"),
        ({"userProperties": {"supportAgentName": 5}}, "userProperties.supportAgentName", "must be a string"),
        ({"details": 5}, "details", "must be a string or null"),
        ({"sources": [{"type": "old"}]}, "sources.0.type", "must be positive, negative, new or null"),
        ({"sources": [{"url": 5}]}, "sources.0.url", "must be a string or null"),
    ],
)
def test_a_member_that_does_not_fit_is_a_problem_the_client_can_read(inkeep, changes, name, reason):
    answer = inkeep.post("/feedback", {**SMALLEST, **changes}, headers={"X-Request-ID": "r-1"})
    detail = f"{name}: {reason}"
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json() == {
        "title": "Bad Request",
        "status": 400,
        "detail": detail,
        "instance": "/inkeep/feedback",
        "requestId": "r-1",
        "code": "bad_request",
        "error": {"code": "bad_request", "message": detail if len(detail) <= 100 else detail[:99] + "…"},
        "errors": [{"detail": reason, "pointer": f"/{name.replace('.', '/')}", "name": name, "reason": reason}],
    }
    assert not FeedbackRecord.objects.exists()


def test_a_hostile_body_is_a_bad_request_and_stores_nothing(inkeep):
    for hostile, body in HOSTILE_BODIES.items():
        answer = inkeep.post("/feedback", body)
        assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json"), hostile
        assert (answer.json()["code"], answer.json()["error"]["code"]) == ("bad_request", "bad_request")
    assert not FeedbackRecord.objects.exists()


def test_two_megabytes_fit_and_a_byte_more_is_a_bad_request(inkeep):
    frame = b'{"type": "positive", "messageId": "m", "details": "%s"}'
    limit = 2 * 1024 * 1024
    exact = frame % (b"a" * (limit - len(frame) + 2))
    assert len(exact) == limit
    assert inkeep.post("/feedback", exact).status_code == 200
    answer = inkeep.post("/feedback", exact + b" ")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert FeedbackRecord.objects.count() == 1


def test_another_media_type_is_a_bad_request(inkeep):
    answer = inkeep.post("/feedback", SMALLEST, content_type="text/plain")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_a_read_carries_a_message_and_a_conversation(inkeep):
    with time_machine.travel(NOW, tick=False):
        logged = inkeep.post("/feedback", {**SMALLEST, "id": "a/b c"}).json()
    at = "2026-03-01T12:00:00.250Z"
    message = {
        "id": "m-1",
        "type": "openai",
        "externalId": None,
        "externalUrl": None,
        "conversationId": "m-1",
        "createdAt": at,
        "updatedAt": at,
        "role": "assistant",
        "content": "",
    }
    assert inkeep.get("/feedback/a%2Fb%20c").json() == {
        **logged,
        "message": message,
        "conversation": {
            "id": "m-1",
            "type": "openai",
            "externalId": None,
            "externalUrl": None,
            "supportTicketConversationId": None,
            "createdAt": at,
            "updatedAt": at,
            "projectId": None,
            "integrationId": None,
            "visibility": None,
            "messages": [message],
            "messagesOpenAIFormat": [{"role": "assistant", "content": ""}],
        },
    }


def test_a_list_counts_all_and_pages_each_kind_newest_first(inkeep):
    for number in range(3):
        for kind in ("positive", "negative"):
            inkeep.post(
                "/feedback",
                {
                    "id": f"{kind}-{number}",
                    "type": kind,
                    "messageId": "m",
                    "createdAt": f"2026-01-0{number + 1}T00:00:00Z",
                },
            )
    inkeep.delete("/feedback/negative-1")
    answer = inkeep.get("/feedback?limit=1&offset=1").json()
    assert (answer["positiveFeedbackCount"], answer["negativeFeedbackCount"]) == (3, 2)
    assert [thumb["id"] for thumb in answer["positiveFeedback"]] == ["positive-1"]
    assert [thumb["id"] for thumb in answer["negativeFeedback"]] == ["negative-0"]
    assert answer["positiveFeedback"][0] == inkeep.get("/feedback/positive-1").json()
    assert len(inkeep.get("/feedback?limit=&offset=").json()["positiveFeedback"]) == 3
    assert inkeep.get("/feedback?limit=0").json()["positiveFeedback"] == []


@pytest.mark.parametrize(("query", "name"), [("limit=101", "limit"), ("limit=-1", "limit"), ("offset=x", "offset")])
def test_a_page_that_does_not_exist_is_refused(inkeep, query, name):
    answer = inkeep.get(f"/feedback?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["name"]) == (400, name)


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_is_three_queries_however_long(inkeep, django_assert_num_queries, rows):
    for _ in range(rows):
        inkeep.post("/feedback", SMALLEST)
    with django_assert_num_queries(3):
        assert len(inkeep.get("/feedback").json()["negativeFeedback"]) == rows


def test_logging_is_one_insert_in_its_savepoint(inkeep, django_assert_num_queries):
    inkeep.post("/feedback", SMALLEST)
    with django_assert_num_queries(1):
        inkeep.post("/feedback", SMALLEST)
    with django_assert_num_queries(3):
        inkeep.post("/feedback", {**SMALLEST, "id": "f-1"})


def test_a_deleted_thumb_is_gone(inkeep):
    inkeep.post("/feedback", {**SMALLEST, "id": "f-1"})
    answer = inkeep.delete("/feedback/f-1")
    assert (answer.status_code, answer.json()) == (200, {"success": True, "message": "Feedback deleted"})
    for method in ("GET", "DELETE"):
        gone = inkeep.call(method, "/feedback/f-1", headers={"X-Request-ID": "r-1"})
        assert gone.status_code == 404
        assert gone.json() == {
            "title": "Not Found",
            "status": 404,
            "detail": "Feedback not found",
            "instance": "/inkeep/feedback/f-1",
            "requestId": "r-1",
            "code": "not_found",
            "error": {"code": "not_found", "message": "Feedback not found"},
        }
    assert not FeedbackRecord.objects.exists()


def test_a_key_that_may_only_write_is_forbidden_to_read(inkeep, account):
    widget = bearer(secret_of(account, "inkeep:write"), "/inkeep")
    assert widget.post("/feedback", {**SMALLEST, "id": "f-1"}).status_code == 200
    for path in ("/feedback", "/feedback/f-1"):
        answer = widget.get(path, headers={"X-Request-ID": "r-1"})
        assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
        assert answer.json() == {
            "title": "Forbidden",
            "status": 403,
            "detail": "This key may not read here.",
            "instance": f"/inkeep{path}",
            "requestId": "r-1",
            "code": "forbidden",
            "error": {"code": "forbidden", "message": "This key may not read here."},
        }


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic abc"])
def test_who_calls_is_settled_first(db, header):
    stranger = Caller("/inkeep", {"Authorization": header} if header else {})
    for path in ("/feedback", "/feedback/f-1", "/nowhere"):
        answer = stranger.post(path, b"{")
        assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
        assert answer["WWW-Authenticate"] == "Bearer"
        assert (answer.json()["code"], answer.json()["error"]["code"]) == ("unauthorized", "unauthorized")


def test_another_method_is_named_with_those_that_are_served(inkeep):
    answer = inkeep.put("/feedback", SMALLEST)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert set(answer["Allow"].split(", ")) == {"GET", "HEAD", "POST", "OPTIONS"}


def test_a_web_key_deletes_nothing(inkeep, account):
    inkeep.post("/feedback", {"id": "f-1", "type": "positive", "messageId": "m"})
    widget = bearer(secret_of(account, "inkeep:write"), "/inkeep")
    assert widget.delete("/feedback/f-1").status_code == 403
    assert inkeep.get("/feedback/f-1").status_code == 200
