"""GET /v1/feedback-records and /count: filters, order, cursors, and the envelope of old clients."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.domain.actors import SYSTEM
from accounts.models import Account
from feedback.domain import records
from feedback.domain.records import RecordDraft
from feedback.models import FeedbackRecord

START = datetime(2026, 1, 1, tzinfo=UTC)


def answer_of(account: Account, number: int, **values: Any) -> FeedbackRecord:
    draft = RecordDraft(
        **{
            "contract": FeedbackRecord.Contract.HUB,
            "tenant_id": "t",
            "submission_id": f"s-{number}",
            "source_type": "survey",
            "field_id": "q1",
            "field_type": "text",
            "collected_at": START + timedelta(days=number),
            **values,
        }
    )
    return records.create(account=account, draft=draft, actor=SYSTEM)


def submissions(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [record["submission_id"] for record in answer.json()["data"]]


@pytest.fixture
def five(account):
    """Five answers of tenant t, a day apart."""
    return [answer_of(account, number) for number in range(1, 6)]


def test_newest_answers_come_first_in_today_s_envelope(hub, five):
    answer = hub.get("/feedback-records?tenant_id=t")
    assert submissions(answer) == ["s-5", "s-4", "s-3", "s-2", "s-1"]
    assert answer.json().keys() == {"data", "limit"}
    assert answer.json()["limit"] == 100


def test_pages_follow_each_other_by_cursor_until_there_is_none(hub, five):
    seen, cursor = [], ""
    while True:
        answer = hub.get(f"/feedback-records?tenant_id=t&limit=2&cursor={cursor}")
        seen.append(submissions(answer))
        cursor = answer.json().get("next_cursor")
        if cursor is None:
            break
    assert seen == [["s-5", "s-4"], ["s-3", "s-2"], ["s-1"]]


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("sort", ["collected_at", "created_at"])
def test_equal_times_are_in_the_order_of_ids_and_none_is_lost_between_pages(hub, account, sort, order):
    ids = sorted(str(answer_of(account, n, collected_at=START).pk) for n in range(5))
    FeedbackRecord.objects.update(created_at=START)
    seen, cursor = [], ""
    while cursor is not None:
        page = hub.get(f"/feedback-records?tenant_id=t&limit=2&sort={sort}&order={order}&cursor={cursor}").json()
        seen += [record["id"] for record in page["data"]]
        cursor = page.get("next_cursor")
    assert seen == ids


def test_an_old_client_pages_by_offset_and_reads_the_total(hub, five):
    answer = hub.get("/feedback-records?limit=2&offset=2")
    assert submissions(answer) == ["s-3", "s-2"]
    assert {name: answer.json()[name] for name in ("total", "limit", "offset")} == {"total": 5, "limit": 2, "offset": 2}


def test_a_list_without_a_tenant_is_an_old_one_and_holds_all_of_the_account(hub, account, other_account, five):
    answer_of(account, 6, tenant_id="")
    answer_of(account, 7, tenant_id="u")
    answer_of(other_account, 8)
    answer = hub.get("/feedback-records")
    assert submissions(answer) == ["s-7", "s-6", "s-5", "s-4", "s-3", "s-2", "s-1"]
    assert answer.json().keys() == {
        "data",
        "limit",
        "total",
        "offset",
    }


def test_a_strict_client_must_name_the_tenant(hub):
    answer = hub.get("/feedback-records", headers={"X-Hub-Generation": "strict"})
    assert answer.json()["invalid_params"] == [{"name": "tenant_id", "reason": "is required"}]


def test_answers_of_other_contracts_are_not_this_one_s(hub, account):
    answer_of(account, 1, contract=FeedbackRecord.Contract.REQUEST)
    assert submissions(hub.get("/feedback-records?tenant_id=t")) == []


FILTERS = {
    "source_type=review": ["s-2"],
    "source_type=review&source_type=survey": ["s-3", "s-2", "s-1"],
    "source_type=": [],
    "source_id=a,b": ["s-2"],
    "source_id=a": ["s-1"],
    "source_name=App": ["s-1"],
    "field_id=q2": ["s-3"],
    "field_group_id=g": ["s-3"],
    "value_id=v": ["s-3"],
    "submission_id=s-1&submission_id=s-3": ["s-3", "s-1"],
    "user_id=u": ["s-1"],
    "language=de&language=en": ["s-2", "s-1"],
    "field_type=nps": ["s-3"],
    "field_type=nps,text": ["s-3", "s-2", "s-1"],
    "field_type=nps&field_type=text": ["s-3", "s-2", "s-1"],
    "field_type=": ["s-3", "s-2", "s-1"],
    "since=2026-01-02T00:00:00Z&until=2026-01-03T00:00:00%2B00:00": ["s-2", "s-1"],
    "since=2026-01-04T01:00:00+01:00": ["s-3"],
    "created_since=2080-01-01T00:00:00Z": [],
    "created_until=2080-01-01T00:00:00Z": ["s-3", "s-2", "s-1"],
    "updated_since=2080-01-01T00:00:00Z": [],
    "value_number_min=7": ["s-3"],
    "value_number_max=7&value_number_min=-1e3": ["s-3"],
    "value_number_max=6.9": [],
    "value_date_min=2026-01-01T00:00:00Z&value_date_max=2026-01-01T00:00:00Z": ["s-2"],
    "sentiment=positive": [],
    "sentiment=": ["s-3", "s-2", "s-1"],
    "emotions=joy,anger": [],
    "sentiment_score_min=0": [],
    "has_sentiment=true": [],
    "has_sentiment=false": ["s-3", "s-2", "s-1"],
    "has_emotions=false&has_translation=0": ["s-3", "s-2", "s-1"],
    "limit=0": ["s-3", "s-2", "s-1"],
    "limit=": ["s-3", "s-2", "s-1"],
    "order=asc": ["s-1", "s-2", "s-3"],
    "unheard_of=1": ["s-3", "s-2", "s-1"],
}


def test_a_filter_narrows_list_and_count_alike(hub, account):
    answer_of(account, 1, source_id="a", source_name="App", user_id="u", language="en")
    answer_of(account, 2, source_type="review", source_id="a,b", language="de", value_date=START)
    answer_of(account, 3, field_type="nps", value_number=7, field_id="q2", field_group_id="g", value_id="v")
    for query, found in FILTERS.items():
        assert submissions(hub.get(f"/feedback-records?tenant_id=t&{query}")) == found, query
        assert hub.get(f"/feedback-records/count?tenant_id=t&{query}").json() == {"count": len(found)}, query


def test_commas_of_the_official_client_mean_or_and_may_also_be_meant(hub, account):
    for number, source in enumerate(("a", "b", "a,b", "c")):
        answer_of(account, number, source_id=source)
    path = "/feedback-records?tenant_id=t&order=asc&source_id=a%2Cb"
    by_sdk = hub.get(path, headers={"X-Stainless-Package-Version": "0.13.0"})
    assert submissions(by_sdk) == ["s-0", "s-1", "s-2"]
    assert submissions(hub.get(path)) == ["s-2"]


def test_old_clients_filter_by_user_identifier(hub, account):
    answer_of(account, 1, user_id="u")
    answer_of(account, 2, user_id="v")
    answer = hub.get("/feedback-records?tenant_id=t&user_identifier=v")
    assert submissions(answer) == ["s-2"]
    assert answer.json()["data"][0]["user_identifier"] == "v"
    assert answer.json()["total"] == 1


NINE = "text, categorical, nps, csat, ces, rating, number, boolean, date"
CURSOR = "omit it for the first page, or use the exact next_cursor value from the previous response"


@pytest.mark.parametrize(
    ("query", "name", "reason"),
    [
        ("tenant_id=", "tenant_id", "is required"),
        ("tenant_id=%20", "tenant_id", "is required"),
        ("limit=-1", "limit", "must be at least 1"),
        ("limit=1001", "limit", "must be at most 1000"),
        ("limit=ten", "limit", "must be a valid integer"),
        ("offset=-1", "offset", "must be at least 0"),
        ("field_type=stars", "field_type", f'has invalid value "stars"; must be one of: {NINE}'),
        ("since=yesterday", "since", "must be in RFC3339 (ISO 8601) format"),
        ("since=1960-01-01T00:00:00Z", "since", "must be between 1970-01-01 and 2080-12-31"),
        ("value_number_min=1e999", "value_number_min", "must be a valid number"),
        ("has_sentiment=perhaps", "has_sentiment", "must be a valid boolean"),
        ("sentiment_score_min=-2", "sentiment_score_min", "must be between -1 and 1"),
        ("value_number_min=2&value_number_max=1", "value_number_min", "must be less than or equal to value_number_max"),
        (
            "since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z",
            "since",
            "must be less than or equal to until",
        ),
        ("sort=updated_at", "sort", "must be one of: collected_at created_at"),
        ("order=up", "order", "must be one of: asc desc"),
        ("cursor=nonsense", "cursor", CURSOR),
        ("cursor=e30", "cursor", CURSOR),
        ("source_id=" + "a" * 256, "source_id", "must be at most 255"),
        ("&".join(["source_id=a"] * 101), "source_id", "must be at most 100"),
    ],
)
def test_a_parameter_that_does_not_fit_is_named_with_its_reason(hub, query, name, reason):
    tenant = "" if query.startswith("tenant_id") else "tenant_id=t&"
    answer = hub.get(f"/feedback-records?{tenant}{query}")
    assert answer.status_code == 400
    assert {"name": name, "reason": reason} in answer.json()["invalid_params"]
    assert len(answer.json()["invalid_params"]) == 1


def test_a_cursor_belongs_to_its_order(hub, five):
    cursor = hub.get("/feedback-records?tenant_id=t&limit=1").json()["next_cursor"]
    answer = hub.get(f"/feedback-records?tenant_id=t&order=asc&cursor={cursor}")
    reason = answer.json()["invalid_params"][0]["reason"]
    assert reason.startswith("was issued for a different sort/order")


def test_a_cursor_of_the_original_is_understood(hub, five):
    seen = {"t": "2026-01-04T00:00:00Z", "i": str(five[2].pk)}
    cursor = base64.urlsafe_b64encode(json.dumps(seen).encode()).decode().rstrip("=")
    assert submissions(hub.get(f"/feedback-records?tenant_id=t&cursor={cursor}")) == ["s-2", "s-1"]


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_is_one_query_however_long(hub, account, django_assert_num_queries, rows):
    for number in range(rows):
        answer_of(account, number)
    hub.get("/feedback-records?tenant_id=t")
    with django_assert_num_queries(1):
        assert len(submissions(hub.get("/feedback-records?tenant_id=t"))) == rows
