"""POST /feedback at the root: two contracts, told apart by the body alone."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.http import HttpResponse
from django.test import Client

from feedback.models import FeedbackItem, FeedbackRecord
from tests.feedback.api.callers import HOSTILE_BODIES, Caller, bearer, secret_of

LEADPING = {"message": "The export hangs", "area": "Reports"}
INKEEP = {"type": "positive", "messageId": "m-1"}


@pytest.mark.parametrize("path", ["/feedback", "/feedback/"])
def test_an_object_with_a_message_id_is_inkeep_s_and_any_other_leadping_s(root, path):
    thumb = root.post(path, INKEEP)
    item = root.post(path, LEADPING)
    assert (thumb.status_code, thumb.json()["messageId"]) == (200, "m-1")
    assert (item.status_code, item.json()["message"]) == (201, "The export hangs")
    assert (FeedbackRecord.objects.count(), FeedbackItem.objects.count()) == (1, 1)


def test_both_sample_calls_of_the_documents_work_there(root):
    leadping = {"message": "<string>", "route": "<string>", "area": "<string>", "allowContact": True}
    inkeep = {
        "id": "string",
        "type": "positive",
        "messageId": "string",
        "createdAt": "2019-08-24T14:15:22Z",
        "reasons": [{"label": "string", "details": "string"}],
        "properties": {},
        "userProperties": {"id": "string", "identificationType": "COOKIED"},
    }
    assert root.post("/feedback", {**leadping, "clientVersion": "<string>"}).status_code == 201
    assert root.post("/feedback", inkeep).status_code == 200


def test_the_words_in_a_message_do_not_decide(root):
    answer = root.post("/feedback", {"message": 'What is a "messageId"?', "x": {"messageId": "m"}})
    assert (answer.status_code, answer.json()["message"]) == (201, 'What is a "messageId"?')


def test_a_name_written_with_escapes_is_the_same_name(root):
    assert root.post("/feedback", b'{"type": "positive", "message\\u0049d": "m"}').status_code == 200


def test_what_does_not_fit_is_refused_in_the_shape_of_its_contract(root):
    inkeep = root.post("/feedback", {"messageId": "m"})
    leadping = root.post("/feedback", {"type": "positive"})
    assert (inkeep.status_code, inkeep.json()["error"]["code"]) == (400, "bad_request")
    assert (leadping.status_code, list(leadping.json()["errors"])) == (400, ["type"])


def test_what_cannot_be_read_is_answered_as_leadping_does(root):
    for hostile, body in HOSTILE_BODIES.items():
        answer = root.post("/feedback", body, headers={"X-Request-ID": "r-1"})
        assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json"), hostile
        assert (answer.json()["traceId"], answer.json()["instance"]) == ("r-1", "/feedback")
    assert not FeedbackItem.objects.exists()


def test_a_body_too_large_is_answered_as_leadping_does(root):
    answer = root.post("/feedback", b'{"messageId": "' + b"a" * 2 * 1024 * 1024 + b'"}')
    assert (answer.status_code, answer.json()["title"]) == (400, "Bad Request")
    assert "traceId" in answer.json()


def test_a_body_too_large_in_pieces_is_not_taken_by_its_tail(root):
    def post(body: bytes) -> HttpResponse:
        pieces = {"wsgi.input": BytesIO(body), "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
        headers = {**root.headers, "Content-Type": "application/json"}
        return Client(raise_request_exception=False).generic("POST", "/feedback", headers=headers, **pieces)

    fits = post(b'{"message": "whole"}')
    answer = post(b" " * (2 * 1024 * 1024 + 1) + b'{"message": "tail"}')
    assert (fits.status_code, fits.json()["message"]) == (201, "whole")
    assert (answer.status_code, answer.json()["title"]) == (400, "Bad Request")
    assert FeedbackItem.objects.count() == 1


@pytest.mark.parametrize("body", [b"{", b'{"message": "m"}', b'{"type": "positive", "messageId": "m"}'])
def test_who_calls_is_settled_first(db, body):
    answer = Caller().post("/feedback", body)
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert ("code" in answer.json()) == (b"messageId" in body)
    assert not FeedbackItem.objects.exists()


def test_scopes_and_limits_are_those_of_the_contract_that_answers(account):
    caller = bearer(secret_of(account, "inkeep:write"), "")
    assert caller.post("/feedback", INKEEP).status_code == 200
    assert caller.post("/feedback", LEADPING).status_code == 403


def test_the_older_client_s_triage_is_there_too(root, leadping, charlies_secret):
    item = root.post("/feedback", LEADPING).json()
    path = f"/feedback/admin/{item['id']}"
    assert root.put(path, {"status": "closed"}).json() == leadping.get(path).json() == root.get(f"{path}/").json()
    page = root.get("/feedback/admin?PageSize=1").json()
    assert (page, page["items"][0]["status"]) == (leadping.get("/feedback/admin?PageSize=1").json(), "closed")
    assert root.post("/feedback/admin/all", {"includeCount": True}).json() == {**page, "pageSize": 50, "totalCount": 1}

    charlie = bearer(charlies_secret, "")
    assert charlie.get(path).status_code == 404
    assert charlie.get("/feedback/admin").json()["items"] == []
    assert Caller().get("/feedback/admin").status_code == Caller().get("/feedback/other").status_code == 401
    assert root.get("/feedback/other").json()["title"] == "Not Found"


def test_only_post_is_served(root):
    answer = root.get("/feedback")
    assert (answer.status_code, set(answer["Allow"].split(", "))) == (405, {"POST", "OPTIONS"})
    assert answer["Content-Type"] == "application/problem+json"


def test_charlie_s_thumb_of_the_same_id_is_his_own(root, charlies_secret):
    root.post("/feedback", {**INKEEP, "id": "f-1", "details": "Alice's"})
    answer = bearer(charlies_secret, "").post("/feedback", {**INKEEP, "id": "f-1"})
    assert "details" not in answer.json()
