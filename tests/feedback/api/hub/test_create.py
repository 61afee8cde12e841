"""POST /v1/feedback-records, today's form and the oldest."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
import time_machine

from crm.models import Customer, Identity
from feedback.models import FeedbackRecord
from tests.feedback.api.callers import Caller, bearer
from tests.threads import at_once

NOW = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
SEED = {"field_id": "q1", "field_type": "rating", "source_type": "survey"}
TODAY = {**SEED, "tenant_id": "org-123", "submission_id": "s-1"}


@time_machine.travel(NOW, tick=False)
def test_the_sample_call_of_the_document_is_stored(hub, account):
    answer = hub.post("/feedback-records", SEED)

    record = FeedbackRecord.objects.get()
    assert (answer.status_code, answer["Content-Type"]) == (201, "application/json")
    assert answer.json() == {
        "id": str(record.pk),
        "collected_at": "2026-03-01T12:00:00.25Z",
        "created_at": "2026-03-01T12:00:00.25Z",
        "updated_at": "2026-03-01T12:00:00.25Z",
        "source_type": "survey",
        "field_id": "q1",
        "field_type": "rating",
        "submission_id": record.submission_id,
    }
    assert (record.account, record.contract, record.tenant_id, record.customer) == (account, "hub", "", None)
    assert record.pk.version == 7


@time_machine.travel(NOW, tick=False)
def test_every_member_of_the_newest_form_comes_back_as_it_was_sent(hub):
    sent = {
        **TODAY,
        "collected_at": "2024-01-15T10:30:00.120+02:00",
        "source_id": "survey-123",
        "source_name": "Q1 NPS Survey",
        "field_label": "How satisfied are you?",
        "field_group_id": "g1",
        "field_group_label": "About us",
        "value_text": "fine",
        "value_id": "opt-1",
        "value_number": 9,
        "value_boolean": False,
        "value_date": "2024-01-15T00:00:00Z",
        "metadata": {"n": 1.5, "deep": [{"a": None}], "text": "ü\n"},
        "language": "en",
        "user_id": "user-abc-123",
    }
    answer = hub.post("/feedback-records", sent)

    record = FeedbackRecord.objects.get()
    assert answer.json() == {
        **sent,
        "id": str(record.pk),
        "collected_at": "2024-01-15T08:30:00.12Z",
        "created_at": "2026-03-01T12:00:00.25Z",
        "updated_at": "2026-03-01T12:00:00.25Z",
    }
    assert record.metadata == sent["metadata"]
    assert hub.get(f"/feedback-records/{record.pk}").json() == answer.json()


def test_numbers_lose_a_needless_fraction_and_keep_a_real_one(hub):
    for sent, shown in ((9.0, b'"value_number":9,'), (8.5, b'"value_number":8.5,'), (-1e15, b"-1000000000000000,")):
        body = hub.post("/feedback-records", {**SEED, "value_number": sent, "metadata": {}}).content
        assert shown in body


def test_old_clients_send_user_identifier_and_read_it_back(hub):
    answer = hub.post("/feedback-records", {**SEED, "user_identifier": "user-abc-123"}).json()
    assert (answer["user_id"], answer["user_identifier"]) == ("user-abc-123", "user-abc-123")
    assert FeedbackRecord.objects.get().user_id == "user-abc-123"


def test_an_old_sdk_is_known_by_its_version_and_a_new_one_is_not(hub):
    body = {**TODAY, "user_id": "u"}
    old = hub.post("/feedback-records", body, headers={"X-Stainless-Package-Version": "0.4.4"}).json()
    new = hub.post(
        "/feedback-records", {**body, "submission_id": "s-2"}, headers={"X-Stainless-Package-Version": "0.13.0"}
    ).json()
    assert ("user_identifier" in old, "user_identifier" in new) == (True, False)


def test_a_client_that_asks_to_be_treated_strictly_must_name_tenant_and_submission(hub):
    answer = hub.post("/feedback-records", {**SEED, "user_identifier": "u"}, headers={"X-Hub-Generation": "strict"})
    assert answer.status_code == 400
    assert answer.json()["invalid_params"] == [
        {"name": "user_identifier", "reason": "is not a recognized request field"},
        {"name": "submission_id", "reason": "is required"},
        {"name": "tenant_id", "reason": "is required"},
    ]
    assert not FeedbackRecord.objects.exists()


def test_without_a_submission_every_answer_is_a_sitting_of_its_own(hub):
    ids = {hub.post("/feedback-records", SEED).json()["submission_id"] for _ in range(3)}
    assert len(ids) == 3


def test_the_tenant_is_trimmed(hub):
    assert hub.post("/feedback-records", {**TODAY, "tenant_id": "  org-123\t"}).json()["tenant_id"] == "org-123"


def test_a_null_metadata_comes_back_as_null_and_an_absent_one_stays_absent(hub):
    first = hub.post("/feedback-records", {**SEED, "metadata": None}).json()
    assert "metadata" in first
    assert hub.get(f"/feedback-records/{first['id']}").json()["metadata"] is None
    assert "metadata" not in hub.post("/feedback-records", SEED).json()


def test_other_nulls_are_as_good_as_absent(hub):
    nulls = dict.fromkeys(("value_text", "value_number", "value_date", "collected_at", "user_id", "tenant_id"))
    answer = hub.post("/feedback-records", {**SEED, **nulls})
    assert answer.status_code == 201
    assert not nulls.keys() & (answer.json().keys() - {"collected_at"})


def test_a_duplicate_is_a_conflict_that_the_sdk_does_not_repeat(hub):
    hub.post("/feedback-records", TODAY)
    answer = hub.post("/feedback-records", TODAY, headers={"X-Request-ID": "r-1"})

    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert answer["x-should-retry"] == "false"
    assert answer.json() == {
        "type": "https://hub.formbricks.com/problems/conflict",
        "title": "Conflict",
        "status": 409,
        "detail": "a feedback record with this tenant_id, submission_id, and field_id already exists",
        "instance": "/v1/feedback-records",
        "code": "conflict",
        "request_id": "r-1",
    }
    assert FeedbackRecord.objects.count() == 1


@pytest.mark.parametrize("differs", ["tenant_id", "submission_id", "field_id"])
def test_only_all_three_together_make_a_duplicate(hub, differs):
    hub.post("/feedback-records", TODAY)
    assert hub.post("/feedback-records", {**TODAY, differs: "another"}).status_code == 201


def test_two_accounts_may_have_the_same_ids(hub, charlies_hub):
    assert hub.post("/feedback-records", TODAY).status_code == 201
    assert charlies_hub.post("/feedback-records", TODAY).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_fifty_posts_of_one_answer_at_once_make_one_row(hub):
    answers = at_once(50, lambda _: hub.post("/feedback-records", TODAY))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 49
    assert FeedbackRecord.objects.count() == 1


def test_a_create_is_one_statement(hub, django_assert_num_queries):
    # The key is looked up by the first call and remembered for seconds.
    hub.post("/feedback-records", SEED)
    with django_assert_num_queries(1):
        hub.post("/feedback-records", {**TODAY, "user_id": "jane@example.com", "metadata": {"a": 1}})


def test_a_known_id_or_address_makes_the_answer_the_customers(hub, account, other_account):
    jane = Customer.objects.create(account=account, email="Jane@example.com")
    joe = Customer.objects.create(account=account, email="joe@example.com")
    Identity.objects.create(account=account, customer=joe, kind="hub:user_id", value="u-1")
    Customer.objects.create(account=other_account, email="eve@example.com")
    owners = {"jane@EXAMPLE.com": jane.pk, "u-1": joe.pk, "eve@example.com": None, "u-2": None}
    for user, owner in owners.items():
        record_id = hub.post("/feedback-records", {**SEED, "user_id": user}).json()["id"]
        assert FeedbackRecord.objects.get(pk=record_id).customer_id == owner, user


def test_somebody_merged_leads_to_the_customer_that_stayed(hub, account):
    stays = Customer.objects.create(account=account, email="jane@example.com")
    gone = Customer.objects.create(account=account, email="jane@old.example.com", merged_into=stays)
    Identity.objects.create(account=account, customer=gone, kind="hub:user_id", value="u-1")
    hub.post("/feedback-records", {**SEED, "user_id": "u-1"})
    assert FeedbackRecord.objects.get().customer == stays


def test_an_idempotency_key_gives_the_first_answer_again(hub):
    first = hub.post("/feedback-records", SEED, headers={"Idempotency-Key": "k-1"})
    again = hub.post("/feedback-records", SEED, headers={"Idempotency-Key": "k-1"})
    assert (again.status_code, again.json(), again["Idempotency-Replayed"]) == (201, first.json(), "true")
    assert FeedbackRecord.objects.count() == 1


def test_both_addresses_answer_directly(hub):
    assert hub.post("/feedback-records/", SEED).status_code == 201


def test_a_body_of_more_than_512_kib_is_too_large(hub):
    body = b'{"value_text": "' + b"a" * (512 * 1024) + b'"}'
    answer = hub.post("/feedback-records", body, headers={"X-Request-ID": "r-1"})
    assert answer.status_code == 413
    assert answer.json() == {
        "type": "https://hub.formbricks.com/problems/content-too-large",
        "title": "Request Entity Too Large",
        "status": 413,
        "detail": "request body too large",
        "instance": "/v1/feedback-records",
        "code": "content_too_large",
        "request_id": "r-1",
    }


def test_bob_and_alice_share_what_charlie_never_sees(hub, account, charlies_hub):
    record_id = hub.post("/feedback-records", TODAY).json()["id"]
    bob: Caller = bearer(hub.headers["Authorization"].removeprefix("Bearer "), "/v1")
    assert bob.get(f"/feedback-records/{record_id}").status_code == 200
    path = f"/feedback-records/{record_id}"
    missing = charlies_hub.get(f"/feedback-records/{uuid.uuid4()}")
    for method in ("GET", "PATCH", "DELETE"):
        answer = charlies_hub.call(method, path, {"value_text": "mine"} if method == "PATCH" else None)
        assert answer.status_code == 404
        assert {**answer.json(), "instance": "", "request_id": ""} == {
            **missing.json(),
            "instance": "",
            "request_id": "",
        }
    assert charlies_hub.get("/feedback-records?tenant_id=org-123").json() == {"data": [], "limit": 100}
    assert charlies_hub.get("/feedback-records/count?tenant_id=org-123").json() == {"count": 0}
    assert charlies_hub.delete("/feedback-records?user_id=u").json()["deleted_count"] == 0
    assert FeedbackRecord.objects.get().value_text is None
