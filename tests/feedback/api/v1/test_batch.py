"""POST /api/v1/records/batch."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from unittest.mock import Mock
from uuid import UUID

import pytest
import time_machine
from django.http import HttpResponse

from accounts.domain.actors import SYSTEM
from accounts.models import Account
from crm.models import Customer, Identity
from feedback.api.hub.contract import HUB
from feedback.domain import batches
from feedback.domain.tenants import MOST_TENANTS, TenantBusy
from feedback.domain.webhooks import endpoints
from feedback.domain.webhooks.endpoints import EndpointDraft
from feedback.models import FeedbackRecord, WebhookDelivery, WebhookEvent
from feedbackhub.api.own.contract import API
from tests.clients import ContractClient, caller_of

PATH = "/api/v1/records/batch"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ONE = {"source_type": "survey", "field_id": "q1", "field_type": "rating"}


@pytest.fixture
def api(account: Account) -> ContractClient:
    return caller_of(API, account)


def item(submission: str, **members: Any) -> dict[str, Any]:
    return {**ONE, "submission_id": submission, **members}


def told(response: HttpResponse) -> list[tuple[int, str]]:
    assert response.status_code == 200, response.content
    answer = response.json()
    statuses = [each["status"] for each in answer["results"]]
    assert {name: answer[name] for name in ("created", "duplicate", "invalid")} == {
        name: statuses.count(name) for name in ("created", "duplicate", "invalid")
    }
    return [(each["index"], each["status"]) for each in answer["results"]]


@time_machine.travel(NOW, tick=False)
def test_every_member_is_stored_as_it_was_sent(api: ContractClient, account: Account):
    sent = {
        **item("s-1"),
        "tenant_id": " org-1 ",
        "source_id": "survey-1",
        "source_name": "Q1",
        "field_label": "How\twas\nit? \\ „gut“",
        "field_group_id": "g",
        "field_group_label": "About us",
        "value_text": "fine",
        "value_id": "opt-1",
        "value_number": 4.5,
        "value_scale": 5,
        "value_boolean": False,
        "value_date": "2026-02-01T00:00:00+01:00",
        "metadata": {"n": 1.5, "big": -(10**19) + 1, "deep": [{"a": None}], "text": "ü\n"},
        "language": "en",
        "user_id": "u-1",
        "collected_at": "2026-02-28T10:00:00.25Z",
    }
    response = api.post(PATH, [sent])

    record = FeedbackRecord.objects.get()
    assert response.json() == {
        "created": 1, "duplicate": 0, "invalid": 0,
        "results": [{"index": 0, "status": "created", "id": str(record.pk)}],
    }  # fmt: skip
    kept = {name: getattr(record, name) for name in sent}
    assert kept == {
        **sent,
        "tenant_id": "org-1",
        "value_date": datetime(2026, 1, 31, 23, tzinfo=UTC),
        "collected_at": datetime(2026, 2, 28, 10, 0, 0, 250_000, tzinfo=UTC),
    }
    assert (record.account, record.contract, record.customer, record.created_at) == (account, "hub", None, NOW)


@time_machine.travel(NOW, tick=False)
def test_what_is_left_out_or_null_is_as_in_a_single_create(api: ContractClient, account: Account):
    api.post(PATH, [{**ONE, "value_text": None, "tenant_id": None, "metadata": None}])
    hub = caller_of(HUB, account)
    hub.post("/v1/feedback-records", ONE)

    own, other = FeedbackRecord.objects.order_by("created_at", "pk").values()
    for record in (own, other):
        assert len(record.pop("submission_id")) == 36
        assert record.pop("id").version == 7
    assert own == other


def test_lines_are_taken_as_well_as_an_array(api: ContractClient):
    body = "\n".join(json.dumps(item(f"s-{number}")) for number in range(3)).encode()

    response = api.post(PATH, body + b"\n", content_type="application/x-ndjson; charset=utf-8")

    assert told(response) == [(0, "created"), (1, "created"), (2, "created")]
    assert FeedbackRecord.objects.count() == 3


def test_the_bad_are_named_and_the_good_are_stored(api: ContractClient):
    raw = [
        json.dumps(item("s-0")).encode(),
        b'{"source_type": "survey", "field_id": "q1", "field_type": "rating", "value_number": NaN}',
        json.dumps(item("s-2", field_type="smell")).encode(),
        json.dumps(item("s-3", colour="red")).encode(),
        b"[]",
        json.dumps(item("s-5", tenant_id="  ")).encode(),
        json.dumps(item("s-6", collected_at="1969-12-31T23:59:59Z")).encode(),
        json.dumps(item("s-7", value_text="\x00")).encode(),
        b'{"field_id": "a", "field_id": "b"}',
        json.dumps(item("s-9")).encode(),
    ]
    response = api.post(PATH, b"[" + b",".join(raw) + b"]")

    results = response.json()["results"]
    assert [index for index, status in told(response) if status == "created"] == [0, 9]
    found = [(each["problem"]["code"], each["problem"].get("invalid_params", [])) for each in results[1:9]]
    assert found == [
        ("malformed", []),
        ("invalid", [{"name": "field_type", "reason": "invalid enum value 'smell'"}]),
        ("invalid", [{"name": "colour", "reason": "is not a known member"}]),
        ("invalid", []),
        ("invalid", [{"name": "tenant_id", "reason": "must not be blank"}]),
        ("invalid", [{"name": "collected_at", "reason": "must lie between 1970-01-01 and 2080-12-31"}]),
        ("invalid", [{"name": "value_text", "reason": "must not contain NULL bytes"}]),
        ("malformed", []),
    ]
    assert set(FeedbackRecord.objects.values_list("submission_id", flat=True)) == {"s-0", "s-9"}


def test_a_batch_of_bad_items_alone_stores_nothing(api: ContractClient):
    assert told(api.post(PATH, [1, None])) == [(0, "invalid"), (1, "invalid")]


def test_duplicates_in_the_batch_and_of_stored_records_name_the_first(api: ContractClient, account: Account):
    hub = caller_of(HUB, account)
    there = hub.post("/v1/feedback-records", item("s-1", tenant_id="t")).json()["id"]
    batch = [
        item("s-1", tenant_id="t", value_number=2),
        item("s-1", tenant_id="other"),
        item("s-1", tenant_id="t", field_id="q2"),
        item("s-1", tenant_id="other", value_number=3),
        item("s-1"),
    ]
    response = api.post(PATH, batch)

    assert told(response) == [(0, "duplicate"), (1, "created"), (2, "created"), (3, "duplicate"), (4, "created")]
    ids = [each["id"] for each in response.json()["results"]]
    assert (ids[0], ids[3]) == (there, ids[1])
    assert FeedbackRecord.objects.filter(value_number__isnull=False).count() == 0
    assert [status for _, status in told(api.post(PATH, batch))] == ["duplicate"] * 5


def test_another_account_s_records_are_no_duplicates(api: ContractClient, other_account: Account):
    api.post(PATH, [item("s-1")])

    assert told(caller_of(API, other_account).post(PATH, [item("s-1")])) == [(0, "created")]


def test_persons_are_found_by_id_and_by_address(api: ContractClient, account: Account, other_account: Account):
    known = Customer.objects.create(account=account, fname="Known")
    mailed = Customer.objects.create(account=account, email="Jane@Example.com")
    Customer.objects.create(account=other_account, email="else@example.com")
    Identity.objects.create(account=account, customer=known, kind="hub:user_id", value="u-1")
    users = ["u-1", "JANE@example.com", "else@example.com", "u-2", None, "u-1"]

    api.post(PATH, [item(f"s-{number}", user_id=user) for number, user in enumerate(users)])

    persons = FeedbackRecord.objects.order_by("submission_id").values_list("customer", flat=True)
    assert list(persons) == [known.pk, mailed.pk, None, None, None, known.pk]


def test_what_was_stored_is_read_by_both_contracts(api: ContractClient, account: Account):
    id = api.post(PATH, [item("s-1")]).json()["results"][0]["id"]

    assert api.get(f"/api/v1/records/{id}").json()["contract"] == "hub"
    assert caller_of(HUB, account).get(f"/v1/feedback-records/{id}").json()["submission_id"] == "s-1"


def test_the_same_idempotency_key_gives_the_first_answer(api: ContractClient):
    headers = {"Idempotency-Key": "k-1"}
    first = api.post(PATH, [item("s-1")], headers=headers)
    again = api.post(PATH, [item("s-1")], headers=headers)
    other = api.post(PATH, [item("s-2")], headers=headers)

    assert (again.json(), again["Idempotency-Replayed"]) == (first.json(), "true")
    assert told(again) == [(0, "created")]
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "malformed"),
        (b"[]", 400, "malformed"),
        (b"{}", 400, "malformed"),
        (b"[{}", 400, "malformed"),
        (b"[" + b"1," * 10_000 + b"1]", 413, "too_large"),
        (b"[" + b" " * 16 * 1024 * 1024, 413, "too_large"),
    ],
    ids=["nothing", "no items", "an object", "half an array", "10001 items", "more than 16 MiB"],
)
def test_a_batch_that_is_none_is_refused_as_a_whole(api: ContractClient, body: bytes, status: int, code: str):
    response = api.post(PATH, body)

    assert (response.status_code, response.json()["code"]) == (status, code)


def test_other_types_are_refused_and_nothing_else_is_as_large(api: ContractClient):
    assert api.post(PATH, [item("s-1")], content_type="text/plain").status_code == 415
    hub = ContractClient(HUB, api.secret)
    assert hub.post("/v1/feedback-records", b" " * (512 * 1024 + 1)).status_code == 413


def test_ten_thousand_items_of_ten_megabytes_are_taken(api: ContractClient):
    batch = [item(f"s-{number:05}", value_text="x" * 900) for number in range(10_000)]

    response = api.post(PATH, batch)

    results = response.json()["results"]
    assert (response.json()["created"], len({each["id"] for each in results})) == (10_000, 10_000)
    first, last = results[0]["id"], results[-1]["id"]
    stored = dict(FeedbackRecord.objects.filter(pk__in=[first, last]).values_list("submission_id", "pk"))
    assert stored == {"s-00000": UUID(first), "s-09999": UUID(last)}


def test_who_hears_of_new_records_hears_of_a_batch_s(api: ContractClient, account: Account):
    draft = EndpointDraft(tenant_id="t", url="https://8.8.8.8/hook")
    endpoints.create(account=account, draft=draft, actor=SYSTEM)
    api.post(PATH, [item("s-0", tenant_id="t")])

    api.post(PATH, [item("s-0", tenant_id="t"), item("s-1", tenant_id="t"), item("s-2", tenant_id="other")])

    told = WebhookEvent.objects.filter(type="feedback_record.created").values_list("data__submission_id", flat=True)
    assert sorted(told) == ["s-0", "s-1"]
    assert WebhookDelivery.objects.filter(event__type="feedback_record.created").count() == 2


def test_a_batch_that_meets_the_erasing_of_a_tenant_may_be_repeated_with_its_idempotency_key(
    api: ContractClient, monkeypatch: pytest.MonkeyPatch
):
    key = {"Idempotency-Key": "k"}
    with monkeypatch.context() as erasing:
        erasing.setattr(batches, "_copied", Mock(side_effect=TenantBusy))
        busy = api.post(PATH, [item("s-1", tenant_id="t")], headers=key)
    assert (busy.status_code, busy.json()["code"], busy["Retry-After"]) == (409, "conflict", "1")

    assert told(api.post(PATH, [item("s-1", tenant_id="t")], headers=key)) == [(0, "created")]


def test_a_batch_of_more_tenants_than_the_server_may_lock_is_refused_as_a_whole(api: ContractClient):
    batch = [item("s", tenant_id=f"t-{number}") for number in range(MOST_TENANTS + 1)]
    refused = api.post(PATH, batch)

    assert (refused.status_code, refused.json()["invalid_params"]) == (
        400,
        [{"name": "tenant_id", "reason": "must not be more than 100 different ones in a batch"}],
    )
    assert FeedbackRecord.objects.count() == 0
    assert api.post(PATH, batch[:-1]).json()["created"] == MOST_TENANTS


@pytest.mark.parametrize("many", [1, 3])
def test_a_batch_costs_the_same_statements_however_long(api: ContractClient, many: int, django_assert_num_queries: Any):
    api.get("/api/v1/records")
    # A savepoint and its release, outside of tests BEGIN and COMMIT; another for COPY; its time; COPY.
    with django_assert_num_queries(6):
        api.post(PATH, [item(f"s-{number}") for number in range(many)])
    # COPY in vain and back to before it; the staging table, COPY into it, INSERT from it; whose the duplicates are.
    with django_assert_num_queries(11):
        api.post(PATH, [item(f"s-{number}") for number in range(many)])


def test_whose_they_are_is_one_statement_more_and_the_same_with_a_duplicate_among_them(
    api: ContractClient, account: Account, django_assert_num_queries: Any
):
    jane = Customer.objects.create(account=account, email="jane@example.com")
    api.get("/api/v1/records")
    batch = [item("s-1", user_id="JANE@example.com"), item("s-2", user_id="nobody"), item("s-3")]
    with django_assert_num_queries(7):
        assert api.post(PATH, batch).json()["created"] == 3
    again = [item("s-4", user_id="jane@example.com"), *batch]
    assert [status for _, status in told(api.post(PATH, again))] == ["created", *["duplicate"] * 3]
    owners = dict(FeedbackRecord.objects.values_list("submission_id", "customer"))
    assert owners == {"s-1": jane.pk, "s-2": None, "s-3": None, "s-4": jane.pk}
