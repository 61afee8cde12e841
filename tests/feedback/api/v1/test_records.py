"""GET /api/v1/records, /count and /{id}: answers of every contract."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from uuid import UUID

import pytest

from accounts.domain.actors import SYSTEM
from accounts.models import Account
from feedback.api.v1 import shapes
from feedback.domain import records
from feedback.domain.records import RecordDraft
from feedback.models import FeedbackRecord
from feedbackhub.api.own.contract import API
from tests.clients import ContractClient, caller_of

START = datetime(2026, 1, 1, tzinfo=UTC)


def stored(account: Account, number: int, **values: Any) -> FeedbackRecord:
    draft = RecordDraft(
        **{
            "contract": FeedbackRecord.Contract.HUB,
            "tenant_id": "t",
            "submission_id": f"s-{number}",
            "source_type": "survey",
            "field_id": "q1",
            "field_type": "rating",
            "collected_at": START + timedelta(days=number),
            **values,
        }
    )
    return records.create(account=account, draft=draft, actor=SYSTEM)


@pytest.fixture
def api(account: Account) -> ContractClient:
    return caller_of(API, account)


@pytest.fixture
def five(account: Account, other_account: Account) -> list[FeedbackRecord]:
    stored(other_account, 9)
    contracts = ("hub", "review", "hub", "request", "buildbetter")
    return [
        stored(account, number, contract=contract, tenant_id="" if number == 5 else "t")
        for number, contract in enumerate(contracts, 1)
    ]


def submissions(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [record["submission_id"] for record in response.json()["data"]]


def test_a_record_has_all_its_members(api: ContractClient, account: Account):
    record = stored(account, 1, value_number=4.5, value_scale=5, metadata={"a": [1, "1"]}, user_id="u")

    found = api.get(f"/api/v1/records/{record.pk}").json()

    assert found == {
        "id": str(record.pk),
        "contract": "hub",
        "tenant_id": "t",
        "submission_id": "s-1",
        "source_type": "survey",
        "source_id": None,
        "source_name": None,
        "field_id": "q1",
        "field_type": "rating",
        "field_label": None,
        "field_group_id": None,
        "field_group_label": None,
        "value_text": None,
        "value_id": None,
        "value_number": 4.5,
        "value_scale": 5,
        "value_boolean": None,
        "value_date": None,
        "metadata": {"a": [1, "1"]},
        "language": None,
        "user_id": "u",
        "collected_at": "2026-01-02T00:00:00Z",
        "created_at": record.created_at.isoformat().replace("+00:00", "Z"),
        "updated_at": record.updated_at.isoformat().replace("+00:00", "Z"),
    }
    assert api.get("/api/v1/records").json() == {"data": [found], "next_cursor": None}


def test_the_document_knows_every_contract_and_field_type():
    assert get_args(shapes.Contract) == tuple(FeedbackRecord.Contract.values)
    assert get_args(shapes.FieldType) == tuple(FeedbackRecord.FieldType.values)


@pytest.mark.parametrize("sort", ["-collected_at", "collected_at"])
def test_pages_follow_each_other_through_the_whole_list(api: ContractClient, account: Account, sort: str):
    for number in range(1, 6):
        # Two of them at the same time.
        stored(account, number, collected_at=START + timedelta(days=number // 2))
    whole = submissions(api.get(f"/api/v1/records?sort={sort}"))
    seen, cursor = [], ""
    while cursor is not None:
        page = api.get(f"/api/v1/records?limit=2&sort={sort}" + (f"&cursor={cursor}" if cursor else ""))
        seen += submissions(page)
        cursor = page.json()["next_cursor"]

    assert seen == whole
    assert sorted(whole) == [f"s-{number}" for number in range(1, 6)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["s-5", "s-4", "s-3", "s-2", "s-1"]),
        ("tenant_id=t", ["s-4", "s-3", "s-2", "s-1"]),
        ("tenant_id=", ["s-5"]),
        ("contract=hub", ["s-3", "s-1"]),
        ("contract=review&contract=request", ["s-4", "s-2"]),
        ("submission_id=s-2&submission_id=s-9", ["s-2"]),
        ("collected_from=2026-01-03T00:00:00Z&collected_before=2026-01-05T00:00:00Z", ["s-3", "s-2"]),
        ("field_type=text", []),
    ],
)
@pytest.mark.usefixtures("five")
def test_filters_narrow_the_list_and_the_count_alike(api: ContractClient, query: str, expected: list[str]):
    assert submissions(api.get(f"/api/v1/records?{query}")) == expected
    assert api.get(f"/api/v1/records/count?{query}").json() == {"count": len(expected)}


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("color=red", "color"),
        ("Tenant_id=t", "Tenant_id"),
        ("tenant_id=a&tenant_id=b", "tenant_id"),
        ("field_type=smell", "field_type"),
        ("contract=", "contract"),
        (f"user_id={'x' * 256}", "user_id"),
        ("collected_from=yesterday", "collected_from"),
        ("limit=0", "limit"),
        ("sort=id", "sort"),
        ("cursor=x", "cursor"),
    ],
)
def test_what_is_no_parameter_or_value_is_refused_by_name(api: ContractClient, query: str, name: str):
    response = api.get(f"/api/v1/records?{query}")

    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    assert [each["name"] for each in response.json()["invalid_params"]] == [name]


def test_a_count_takes_no_page(api: ContractClient):
    assert api.get("/api/v1/records/count?limit=1").status_code == 400


def test_another_account_s_record_is_as_absent_as_none(api: ContractClient, other_account: Account):
    theirs = stored(other_account, 1)

    answers = [api.get(f"/api/v1/records/{id}") for id in (theirs.pk, UUID(int=7), "7")]

    assert {answer.status_code for answer in answers} == {404}
    assert {answer.json()["detail"] for answer in answers} == {"There is no such record."}


def test_a_list_is_one_query_however_long(api: ContractClient, account: Account, django_assert_num_queries: Any):
    stored(account, 1)
    # The key is looked up and remembered.
    api.get("/api/v1/records")
    with django_assert_num_queries(1):
        assert len(submissions(api.get("/api/v1/records"))) == 1
    stored(account, 2)
    stored(account, 3)
    with django_assert_num_queries(1):
        assert len(submissions(api.get("/api/v1/records"))) == 3
