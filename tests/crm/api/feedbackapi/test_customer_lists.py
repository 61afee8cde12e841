"""Listing customers: filters, orders, pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import Account
from crm.domain import suppressions
from crm.models import Customer, CustomerLocation, Location
from tests.crm.api.feedbackapi.conftest import bounce
from tests.feedbackapi import FeedbackAPI, refused


@pytest.fixture
def crowd(account: Account, home: Location) -> list[Customer]:
    """Three people, oldest first, who were written to in other orders."""
    rows = [
        Customer(account=account, email="ann@example.com", fname="Ann", sname="Zeta", country_code="US"),
        Customer(account=account, email="ben@example.com", fname="ben", mobile_number="+18135550001"),
        Customer(account=account, mobile_number="+447810123456", fname="Cay", sname="Alpha", country_code="GB"),
    ]
    emailed, texted = {1: 5, 2: 4}, {2: 9, 3: 8}
    for day, row in enumerate(rows, start=1):
        row.save()
        Customer.objects.filter(pk=row.pk).update(
            created_at=datetime(2025, 1, day, 12, 0, 0, 500_000, tzinfo=UTC),
            last_email_at=datetime(2025, 2, emailed[day], tzinfo=UTC) if day in emailed else None,
            last_sms_at=datetime(2025, 2, texted[day], tzinfo=UTC) if day in texted else None,
        )
        row.refresh_from_db()
    return rows


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [2, 1, 0]),
        ("sort_by=created-asc", [0, 1, 2]),
        ("sort_by=fname-desc", [2, 1, 0]),
        ("sort_by=sname-asc", [2, 0, 1]),
        ("sort_by=sname-desc", [0, 2, 1]),
        ("sort_by=email-asc", [0, 1, 2]),
        ("sort_by=mobile_number-asc", [1, 2, 0]),
        ("sort_by=country_code-asc", [2, 0, 1]),
        ("sort_by=last_sms-desc", [1, 2, 0]),
        ("sort_by=last_email-asc", [1, 0, 2]),
        ("limit=2", [2, 1]),
        ("limit=2&page=1", [0]),
        ("limit=2&page=9", []),
        ("email=ANN@example.com", [0]),
        ("email=nobody", []),
        ("mobile_number=%2B447810123456", [2]),
        ("mobile_number=+447810123456", [2]),
        ("fname=BEN", [1]),
        ("sname=alpha", [2]),
        ("country_code=us", [0]),
        ("invalid=false", [2, 1, 0]),
        ("opt_out=FALSE", [2, 1, 0]),
        ("invalid=true", []),
        ("fname=ann&sname=alpha", []),
        ("created_after=2025-01-02T12:00:00Z", [2, 1]),
        ("created_after=2025-01-02T13:00:00%2B01:00", [2, 1]),
        ("created_before=2025-01-02T12:00:00Z", [1, 0]),
        ("created_before=1735819200", [1, 0]),
        ("created_after=1735819201", [2]),
        ("created_before=2025-01-02T11:59:59Z", [0]),
    ],
)
def test_lists_filter_sort_and_page(api: FeedbackAPI, crowd: list[Customer], query: str, expected: list[int]) -> None:
    assert api.ids(f"customers?{query}") == [crowd[index].public_id for index in expected]


def test_the_flags_filter_what_they_show(api: FeedbackAPI, crowd: list[Customer]) -> None:
    ann, ben, cay = crowd
    suppressions.suppress(
        account=ann.account, channel="all", reason="unsubscribe", source="recipient", address="ann@example.com"
    )
    suppressions.suppress(account=cay.account, channel="all", reason="opt_out", source="staff", customer=cay)
    bounce(ben)
    assert api.ids("customers?opt_out=true") == [cay.public_id, ann.public_id]
    assert api.ids("customers?opt_out=false") == [ben.public_id]
    assert api.ids("customers?invalid=true") == [ben.public_id]
    assert api.ids("customers?invalid=false") == [cay.public_id, ann.public_id]
    shown = {row["id"]: (row["opt_out"], row["invalid"]) for row in api.ok(api.get("customers"))["data"]}
    assert shown == {
        ann.public_id: (True, False),
        ben.public_id: (False, True),
        cay.public_id: (True, False),
    }


def test_the_page_is_as_asked(api: FeedbackAPI, crowd: list[Customer]) -> None:
    body = api.ok(api.get("customers?limit=2&page=1"))
    assert (body["page"], body["total_count"], body["total_returned"]) == (1, 3, 1)


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=ten", "limit"),
        ("page=-1", "page"),
        ("page=101&limit=100", "page"),
        ("sort_by=created", "sort_by"),
        ("sort_by=invalid-asc", "sort_by"),
        ("sort_by=password-desc", "sort_by"),
        ("name=x", "name"),
        ("created_after=yesterday", "created_after"),
        ("created_after=2025-01-01T00:00:00", "created_after"),
        ("created_before=1900-01-01T00:00:00Z", "created_before"),
        ("invalid=perhaps", "invalid"),
        ("country_code=UK", "country_code"),
        ("mobile_number=abc", "mobile_number"),
        ("email=ann+news@example.com", "email"),
        ("fname=", "fname"),
        ("fname=a&fname=b", "fname"),
    ],
)
def test_a_list_names_the_parameter_at_fault(api: FeedbackAPI, query: str, param: str) -> None:
    refused(api.get(f"customers?{query}"), 400, param)


def test_the_deepest_page_answers(api: FeedbackAPI) -> None:
    assert api.ok(api.get("customers?page=100&limit=100"))["data"] == []


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_takes_three_queries_for_any_number(
    api: FeedbackAPI, account: Account, home: Location, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        customer = Customer.objects.create(account=account, email=f"{number}@example.com")
        CustomerLocation.objects.create(customer=customer, location=home)
    api.get("customers")
    with django_assert_num_queries(3):
        assert api.ok(api.get("customers"))["total_returned"] == count


def test_timestamps_are_iso_when_asked(api: FeedbackAPI, crowd: list[Customer]) -> None:
    path = f"customers/{crowd[0].public_id}"
    assert api.ok(api.get(path))["created"] == 1735732800
    iso = api.ok(api.get(path, Accept="application/json; timestamps=iso"))
    assert iso["created"] == "2025-01-01T12:00:00Z"


def test_when_somebody_was_written_to_last_is_shown_by_channel(api: FeedbackAPI, crowd: list[Customer]) -> None:
    rows = api.ok(api.get("customers?sort_by=created-asc"))["data"]
    assert [(row["last_email"], row["last_sms"]) for row in rows] == [
        (1738713600, None),
        (1738627200, 1739059200),
        (None, 1738972800),
    ]


def test_a_full_page_costs_one_query_more_for_the_count(
    api: FeedbackAPI, crowd: list[Customer], django_assert_num_queries: Any
) -> None:
    api.get("customers")
    with django_assert_num_queries(4):
        body = api.ok(api.get("customers?limit=2"))
    assert (body["total_count"], body["total_returned"]) == (3, 2)


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
@pytest.mark.parametrize(
    ("sort_by", "expected"),
    [("sname-asc", [2, 0, 1]), ("sname-desc", [0, 2, 1]), ("email-desc", [1, 0, 2]), ("last_sms-asc", [2, 1, 0])],
)
def test_pages_meet_where_empty_values_begin(
    api: FeedbackAPI, crowd: list[Customer], sort_by: str, expected: list[int], limit: int
) -> None:
    pages = [api.ok(api.get(f"customers?sort_by={sort_by}&limit={limit}&page={page}")) for page in range(4)]
    assert [row["id"] for page in pages for row in page["data"]] == [crowd[index].public_id for index in expected]
    assert {page["total_count"] for page in pages} == {3}
