"""Every list has an index for its order and for what its filters find rarely.

With a million rows bench/feedbackapi.py measures it; here a few thousand are enough to see which index would be used,
once the planner is told that reading and sorting whole tables is dear.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.domain import accounts, actors
from accounts.models import Account
from bench import million
from feedback.models import Response
from tests.feedbackapi import FeedbackAPI, key_of

pytestmark = pytest.mark.django_db
ROWS = 2000
NEWEST = {
    "customers": "customer_account_created",
    "reviews": "review_account_date",
    "feedback": "response_account_created",
    "feedback-request": "request_alone_created",
}

ORDERS = {
    **{f"{noun}?sort_by=created": index for noun, index in NEWEST.items()},
    "customers?sort_by=email": "customer_email_once",
    "customers?sort_by=mobile_number": "customer_mobile_once",
    "customers?sort_by=fname": "customer_fname",
    "customers?sort_by=sname": "customer_sname",
    "customers?sort_by=country_code": "customer_country",
    "customers?sort_by=last_email": "customer_last_email",
    "customers?sort_by=last_sms": "customer_last_sms",
    "locations?sort_by=name": "location_account_name",
    "locations?sort_by=created": "location_account_created",
    "reviews?sort_by=rating": "review_account_rating",
    "reviews?sort_by=reviewer_name": "review_account_reviewer",
    "feedback-request?sort_by=due": "request_account_due",
    "feedback-request?sort_by=updated": "request_account_updated",
}
FILTERS = {
    "customers?opt_out=true": "customer_opted_out",
    "customers?invalid=true": "customer_undeliverable",
    "customers?opt_out=false": "customer_account_created",
    "customers?fname=ann": "customer_fname",
    "customers?sname=nobody": "customer_sname",
    "customers?country_code=GB": "customer_country",
    "customers?email=nobody@example.com": "customer_email_once",
    "customers?mobile_number=%2B12000000015": "customer_mobile_once",
    "locations?name=nowhere": "location_account_name",
    "feedback?type=nps": "response_kind_created",
    "feedback-request?message_clicked=true": "request_clicked",
    "feedback-request?message_bounced=true": "request_bounced",
    "feedback-request?spam_complaint=true": "request_complained",
    "feedback-request?message_opened=true": "request_opened",
}


@pytest.fixture
def crowd(db: None) -> Account:
    """An account with some thousand rows of everything, and another beside it."""
    mine, others = (accounts.create(name=name, actor=actors.SYSTEM) for name in ("Mine", "Others"))
    with connection.cursor() as cursor:
        million.fill(cursor.execute, [million.Tenant(mine.pk, 1, ROWS), million.Tenant(others.pk, ROWS + 1, ROWS)])
        cursor.execute("ANALYZE")
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    return mine


@pytest.fixture
def api(crowd: Account) -> FeedbackAPI:
    return key_of(crowd)


def plans(api: FeedbackAPI, path: str) -> list[dict[str, Any]]:
    """The plans of the statements of a call that find its keys and count, by the page's own statement order."""
    api.get(path)
    with CaptureQueriesContext(connection) as captured:
        api.ok(api.get(path))
    found = []
    for query in captured.captured_queries:
        if "LIMIT" in query["sql"] or "COUNT(" in query["sql"]:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (FORMAT JSON) {query['sql']}")
                found.append(cursor.fetchone()[0][0]["Plan"])
    return found


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", ()) for node in nodes(child))]


def read(plan: dict[str, Any]) -> list[str]:
    return [node["Index Name"] for node in nodes(plan) if "Index Name" in node]


def test_every_order_is_read_from_its_index_in_both_directions(api: FeedbackAPI) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")
    for order, index in ORDERS.items():
        for direction in ("asc", "desc"):
            keys = plans(api, f"{order}-{direction}&limit=2")[0]
            assert index in read(keys), order
            assert all(node["Node Type"] != "Sort" for node in nodes(keys)), order


def test_every_filter_is_answered_from_its_index(api: FeedbackAPI) -> None:
    assert {path: path for path, index in FILTERS.items() if index not in read(plans(api, f"{path}&limit=1")[0])} == {}


def test_customers_are_counted_in_an_index_alone(api: FeedbackAPI) -> None:
    for query in ("", "country_code=GB", "opt_out=false", "invalid=false"):
        keys, count = plans(api, f"customers?{query}&limit=1")
        only = [node for node in nodes(count) if node["Node Type"] == "Index Only Scan"]
        assert [node["Index Name"] for node in only] == ["customer_alive"]
        assert keys["Node Type"] == "Limit"


def test_what_a_page_does_not_show_is_not_read(api: FeedbackAPI) -> None:
    api.get("feedback-request")
    with CaptureQueriesContext(connection) as captured:
        api.ok(api.get("feedback-request?limit=1"))
    statements = " ".join(query["sql"] for query in captured.captured_queries)
    assert not re.search(r"campaigns_message\"|\.\"(text_)?body\"", statements)


def test_the_bench_fills_what_the_lists_show(api: FeedbackAPI, crowd: Account) -> None:
    shown = {noun: api.ok(api.get(f"{noun}?limit=1"))["total_count"] for noun in [*NEWEST, "locations"]}
    assert shown["customers"] == ROWS * 98 // 100
    assert shown["feedback"] == Response.objects.for_account(crowd).count()
    assert all(shown.values())
    assert api.ok(api.get("customers?opt_out=true"))["total_count"] > 0
    assert api.ok(api.get("customers?invalid=true"))["total_count"] > 0
