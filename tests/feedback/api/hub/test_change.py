"""One record by id, and what is corrected or erased."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
import time_machine

from crm.models import Customer
from feedback.models import FeedbackRecord

TODAY = {
    "field_id": "q1",
    "field_type": "text",
    "source_type": "survey",
    "tenant_id": "t",
    "submission_id": "s-1",
    "value_text": "bad",
    "metadata": {"a": 1},
    "user_id": "u",
}
LATER = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def record(hub) -> dict[str, object]:
    return hub.post("/feedback-records", TODAY).json()


def test_an_id_may_be_written_in_every_usual_way(hub, record):
    plain = str(record["id"])
    for id in (plain, f"urn:uuid:{plain}", f"{{{plain}}}", plain.replace("-", ""), plain.upper()):
        assert hub.get(f"/feedback-records/{id}").json() == record


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_what_is_no_uuid_is_a_bad_request(hub, method):
    for id in ("nonsense", "1", "f" * 31, "018e1234-5678-9abc-def0-12345678_abc"):
        answer = hub.call(method, f"/feedback-records/{id}", {})
        assert answer.status_code == 400
        assert answer.json()["invalid_params"] == [{"name": "id", "reason": "must be a valid UUID"}]


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_an_unknown_record_is_not_found(hub, method):
    path = f"/feedback-records/{uuid.uuid4()}"
    answer = hub.call(method, path, {}, headers={"X-Request-ID": "r-1"})
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json() == {
        "type": "https://hub.formbricks.com/problems/not-found",
        "title": "Not Found",
        "status": 404,
        "detail": "feedback record not found",
        "instance": f"/v1{path}",
        "code": "not_found",
        "request_id": "r-1",
        "details": {"resource_type": "feedback record"},
    }


@time_machine.travel(LATER, tick=False)
def test_a_patch_replaces_what_it_names(hub, record):
    changes = {"value_text": "good", "metadata": {"b": 2}, "value_number": 4, "language": "de"}
    answer = hub.patch(f"/feedback-records/{record['id']}", changes)
    assert answer.status_code == 200
    assert answer.json() == {**record, **changes, "updated_at": "2030-01-01T00:00:00Z"}
    assert FeedbackRecord.objects.get().metadata == {"b": 2}


@time_machine.travel(LATER, tick=False)
def test_nulls_and_an_empty_patch_leave_alone(hub, record):
    for body in ({}, {"value_text": None, "metadata": None}):
        assert hub.patch(f"/feedback-records/{record['id']}", body).json() == record


@time_machine.travel(LATER, tick=False)
def test_sending_the_same_again_counts_as_an_update(hub, record):
    answer = hub.patch(f"/feedback-records/{record['id']}", {"value_text": "bad"})
    assert answer.json() == {**record, "updated_at": "2030-01-01T00:00:00Z"}


def test_what_was_asked_when_and_by_whom_cannot_be_patched(hub, record):
    for name in ("source_type", "tenant_id", "submission_id", "collected_at", "field_type", "id"):
        answer = hub.patch(f"/feedback-records/{record['id']}", {name: "x"})
        assert answer.status_code == 400
        assert answer.json()["invalid_params"] == [{"name": name, "reason": "is not a recognized request field"}]


def test_another_user_is_another_customer(hub, account, record):
    jane = Customer.objects.create(account=account, email="jane@example.com")
    hub.patch(f"/feedback-records/{record['id']}", {"user_identifier": "jane@example.com"})
    assert (FeedbackRecord.objects.get().user_id, FeedbackRecord.objects.get().customer) == ("jane@example.com", jane)


def test_a_deleted_record_is_gone(hub, record):
    path = f"/feedback-records/{record['id']}"
    answer = hub.delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert hub.delete(path).status_code == 404
    assert not FeedbackRecord.objects.exists()


def test_a_user_s_records_are_erased_in_one_tenant_or_in_all(hub, record):
    hub.post("/feedback-records", {**TODAY, "tenant_id": "t2"})
    hub.post("/feedback-records", {**TODAY, "submission_id": "s-2", "user_id": "v"})

    assert hub.delete("/feedback-records?user_id=u&tenant_id=t2").json() == {
        "deleted_count": 1,
        "message": "Successfully deleted 1 feedback records",
    }
    assert hub.delete("/feedback-records?user_identifier=u").json()["deleted_count"] == 1
    assert hub.delete("/feedback-records?user_id=u").json()["deleted_count"] == 0
    assert FeedbackRecord.objects.get().user_id == "v"


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("", "user_id"),
        ("?user_id=", "user_id"),
        ("?user_id=u&tenant_id=", "tenant_id"),
        ("?user_id=u&tenant_id=%20", "tenant_id"),
    ],
)
def test_erasing_needs_to_know_whose_records(hub, record, query, name):
    answer = hub.delete(f"/feedback-records{query}")
    assert answer.json()["invalid_params"] == [{"name": name, "reason": "is required"}]
    assert FeedbackRecord.objects.exists()
