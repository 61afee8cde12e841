"""POST /leadping/feedback/admin/all: search, filters and order in the body."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest

from feedback.domain import triage
from feedback.models import FeedbackItem
from feedbackhub.api.pagination import sealed
from tests.feedback.api.callers import bearer, secret_of
from tests.feedback.api.leadping.test_admin import START, item_of, messages

ALL = "/feedback/admin/all"


@pytest.fixture
def items(account, alice) -> list[FeedbackItem]:
    """m1 to m4: a bug in Reports that Alice closed, a complaint, spam in reports, a duplicate of m1."""
    one = item_of(account, 1, area="Reports", type="bug", client_version="2.4.1", submitted_by=alice.user)
    triage.update(item=one, actor=alice.actor, status="closed", admin_note="Seen by 100 %")
    two = item_of(account, 2, type="complaint", route="/reports", allow_contact=True)
    three = item_of(account, 3, area="reports")
    triage.set_status(item=three, status="spam", actor=alice.actor)
    four = item_of(account, 4, area="Zoo", client_version="10.0")
    triage.mark_duplicate(item=four, of=one, actor=alice.actor)
    FeedbackItem.objects.filter(pk=one.pk).update(closed_at=START + timedelta(days=9))
    FeedbackItem.objects.filter(pk=three.pk).update(closed_at=START + timedelta(days=8))
    return [one, two, three, four]


def asked(leadping: Any, **body: Any) -> list[str]:
    return messages(leadping.post(ALL, body))


def equal(field: str, value: Any) -> dict[str, Any]:
    return {"filters": [{"field": field, "value": value}]}


def within(field: str, **bounds: Any) -> dict[str, Any]:
    return {"rangeFilters": [{"field": field, **bounds}]}


def test_without_anything_asked_it_is_the_plain_list_with_a_total_that_nobody_asked_for(leadping, items):
    plain = leadping.get("/feedback/admin").json()
    lists = ("searchFields", "filters", "rangeFilters", "orderBy")
    nothing = dict.fromkeys(("pageSize", "continuationToken", "includeCount", "search", *lists))
    for body in ({}, nothing, {"unknown": 1}):
        assert leadping.post(ALL, body).json() == {**plain, "totalCount": None}
    assert leadping.post(f"{ALL}/", {"includeCount": True, "pageSize": 1}).json()["totalCount"] == 4


# Loops rather than parameters: making the items takes longer than asking for them.
QUESTIONS = [
    ({"search": "REPORTS"}, ["m3", "m2", "m1"]),
    ({"search": "reports", "searchFields": ["Area"]}, ["m3", "m1"]),
    ({"search": "100 %", "searchFields": ["adminNote"]}, ["m1"]),
    ({"search": "alice", "searchFields": ["userEmailSnapshot", "message"]}, ["m1"]),
    ({"search": "_", "searchFields": ["message"]}, []),
    (equal("status", "closed"), ["m1"]),
    (equal("Status", "Ignored"), ["m3"]),
    (equal("status", ["closed", "new"]), ["m4", "m2", "m1"]),
    (equal("type", "other"), ["m4", "m3", "m2"]),
    (equal("area", None), ["m2"]),
    (equal("area", ["Zoo", None]), ["m4", "m2"]),
    (equal("area", []), []),
    (equal("allowContact", True), ["m2"]),
    (equal("clientVersion", "2.4.1"), ["m1"]),
    (equal("createdAt", "2026-03-03T13:00:00+01:00"), ["m2"]),
    (equal("businessId", "nobody"), []),
    (equal("id", "nonsense"), []),
    (equal("userId", None), ["m4", "m3", "m2"]),
    (within("createdAt", greaterThan="2026-03-02T12:00:00Z", lessThanOrEqual="2026-03-04T12:00:00Z"), ["m3", "m2"]),
    (within("createdAt", greaterThanOrEqual="2026-03-02T12:00:00Z", lessThan="2026-03-03T12:00:00Z"), ["m1"]),
    (within("closedAt", greaterThan="2026-03-01T00:00:00Z", lessThan=None), ["m3", "m1"]),
    ({**equal("area", "Reports"), **within("createdAt", greaterThan="2026-03-02T12:00:00Z")}, []),
    ({"filters": [{"field": "status", "value": "closed"}, {"field": "type", "value": "other"}]}, []),
]


def test_a_question_finds_what_fits_all_of_it(leadping, items):
    for body, found in QUESTIONS:
        answer = leadping.post(ALL, {**body, "includeCount": True})
        assert (messages(answer), answer.json()["totalCount"]) == (found, len(found)), body


ORDERS = [
    ([("createdAt", "asc")], ["m1", "m2", "m3", "m4"]),
    ([("createdAt", None)], ["m1", "m2", "m3", "m4"]),
    ([("area", "asc"), ("createdAt", "desc")], ["m2", "m1", "m4", "m3"]),
    ([("Area", "desc")], ["m3", "m4", "m1", "m2"]),
    ([("status", "asc"), ("createdAt", "asc")], ["m1", "m3", "m2", "m4"]),
    ([("type", "desc"), ("createdAt", "asc")], ["m2", "m3", "m4", "m1"]),
    ([("closedAt", "desc"), ("createdAt", "asc"), ("createdAt", "desc")], ["m1", "m3", "m2", "m4"]),
    ([("allowContact", "desc"), ("clientVersion", "desc")], ["m2", "m1", "m4", "m3"]),
    ([("id", "asc")], ["m1", "m2", "m3", "m4"]),
]


def test_an_order_holds_over_its_pages(leadping, items):
    for order, found in ORDERS:
        keys = [{"field": field, "direction": direction} for field, direction in order]
        for size in (1, 3):
            assert by_pages(leadping, {"orderBy": keys, "pageSize": size}) == found, (order, size)


def by_pages(leadping: Any, body: dict[str, Any]) -> list[str]:
    """All pages one after the other; never more than there can be."""
    seen: list[str] = []
    for _ in range(5):
        answer = leadping.post(ALL, body)
        seen += messages(answer)
        body = {**body, "continuationToken": answer.json()["continuationToken"]}
        if body["continuationToken"] is None:
            break
    return seen


WRONG = [
    ({"pageSize": 0}, "pageSize", "Must be a whole number of at least 1."),
    ({"pageSize": 1.5}, "pageSize", "Must be a whole number of at least 1."),
    ({"pageSize": True}, "pageSize", "Must be a whole number of at least 1."),
    ({"pageSize": -5}, "pageSize", "Must be a whole number of at least 1."),
    (
        {"continuationToken": 5},
        "continuationToken",
        "Use the continuationToken of the page before, with the same orderBy.",
    ),
    ({"includeCount": "yes"}, "includeCount", "Must be true or false."),
    ({"search": 5}, "search", "Must be a string of at most 200 characters."),
    ({"searchFields": "area"}, "searchFields", "Must be a list of at most 50."),
    ({"searchFields": ["nope"]}, "searchFields[0]", "There is no such field. Name a member of a feedback item."),
    ({"searchFields": ["createdAt"]}, "searchFields[0]", "Only texts can be searched."),
    ({"filters": {}}, "filters", "Must be a list of at most 50."),
    ({"filters": [equal("area", "a")["filters"][0]] * 51}, "filters", "Must be a list of at most 50."),
    ({"filters": ["area"]}, "filters[0]", "Must be an object."),
    ({"filters": [{"field": "area"}]}, "filters[0].value", "Say which value the field must have; null is one."),
    (equal("priority", 1), "filters[0].field", "There is no such field. Name a member of a feedback item."),
    (equal(["area"], 1), "filters[0].field", "There is no such field. Name a member of a feedback item."),
    (equal("area", 1), "filters[0].value", "Must be a string."),
    (equal("area", {"a": 1}), "filters[0].value", "Must be a string."),
    (equal("area", [["a"]]), "filters[0].value", "Must be one value or a list of at most 50."),
    (equal("id", 1), "filters[0].value", "Must be a string."),
    (equal("closedByUserId", 1), "filters[0].value", "Must be a string."),
    (equal("allowContact", "true"), "filters[0].value", "Must be true or false."),
    (
        equal("status", "spam"),
        "filters[0].value",
        "Must be one of: new, reviewed, planned, in_progress, shipped, closed, ignored.",
    ),
    (
        equal("createdAt", "yesterday"),
        "filters[0].value",
        "Must be a timestamp with a zone such as 2025-01-31T12:00:00Z, between 1970-01-01 and 2080-12-31.",
    ),
    (
        within("createdAt", lessThan=5),
        "rangeFilters[0].lessThan",
        "Must be a timestamp with a zone such as 2025-01-31T12:00:00Z, between 1970-01-01 and 2080-12-31.",
    ),
    (
        within("area", lessThan="b"),
        "rangeFilters[0].field",
        "Only times have ranges: createdAt, reviewedAt, closedAt.",
    ),
    (
        within("createdAt", lessThan=None),
        "rangeFilters[0]",
        "Needs a bound: greaterThan, greaterThanOrEqual, lessThan, lessThanOrEqual.",
    ),
    ({"orderBy": [{"field": "message"}]}, "orderBy[0].field", "Items cannot be sorted by this field."),
    (
        {"orderBy": [5]},
        "orderBy[0].field",
        "There is no such field. Name a member of a feedback item.",
    ),
    ({"orderBy": [{"field": "area", "direction": "up"}]}, "orderBy[0].direction", "Must be asc or desc."),
    ({"orderBy": [{"field": "area", "direction": []}]}, "orderBy[0].direction", "Must be asc or desc."),
    ({"orderBy": [{"field": "area"}] * 6}, "orderBy", "Must be a list of at most 5."),
]


def test_what_cannot_be_asked_is_named(leadping):
    for body, name, message in WRONG:
        answer = leadping.post(ALL, body)
        assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json"), body
        assert answer.json()["errors"] == {name: [message]}


def test_ids_and_people_are_asked_for_as_they_are_shown(leadping, account, items, alice):
    one = leadping.get(f"/feedback/admin/{items[0].pk}").json()
    for field in ("id", "userId", "reviewedByUserId", "closedByUserId", "businessNameSnapshot"):
        assert "m1" in asked(leadping, **equal(field, one[field])), field
    assert asked(leadping, **equal("closedByUserId", alice.user.public_id)) == ["m3", "m1"]
    assert asked(leadping, **equal("duplicateOfFeedbackItemId", one["id"])) == ["m4"]
    assert len(asked(leadping, **equal("organizationId", account.public_id))) == 4


def test_a_token_is_of_one_order_and_may_be_long(leadping, account):
    for number in range(2):
        item_of(account, number, area="\U0001f600" * 200, client_version="\U0001f600" * 100)
    keys = [{"field": field} for field in ("area", "clientVersion", "businessNameSnapshot", "status", "createdAt")]
    token = leadping.post(ALL, {"orderBy": keys, "pageSize": 1}).json()["continuationToken"]
    assert asked(leadping, orderBy=keys, continuationToken=token) == ["m1"]
    for other in ([], keys[:4], [*keys[:4], {"field": "createdAt", "direction": "desc"}]):
        answer = leadping.post(ALL, {"orderBy": other, "continuationToken": token})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["continuationToken"])


def test_query_and_body_are_asked_together(leadping, items):
    token = leadping.get("/feedback/admin?PageSize=1").json()["continuationToken"]
    assert asked(leadping, **equal("type", "other"), pageSize=1, continuationToken=token) == ["m3"]
    path = f"{ALL}?Status=new&Search=m4&PageSize=7&CreatedStart=2026-03-04T12:00:00%2B00:00"
    answer = leadping.post(path, {})
    assert (messages(answer), answer.json()["pageSize"]) == (["m4"], 7)
    answer = leadping.post(path, {"search": "m", "pageSize": 1, **equal("area", "Zoo")})
    assert (messages(answer), answer.json()["pageSize"]) == (["m4"], 1)
    assert messages(leadping.post(f"{ALL}?Type=bug", {"search": "m", **equal("area", "Zoo")})) == []


def test_every_member_of_an_item_can_be_asked_for_by_its_value(leadping, items):
    for name, value in leadping.get(f"/feedback/admin/{items[0].pk}").json().items():
        found = leadping.post(ALL, equal(name, value))
        assert items[0].pk.hex in {each["id"].replace("-", "") for each in found.json()["items"]}, name


def test_whatever_was_never_a_token_is_refused(leadping, items):
    newest, id = ["createdAt desc"], str(items[0].pk)
    values: list[Any] = [[], [id], [5, id], ["x", id], [None, id], ["2026-03-02T12:00:00Z", 5], "text", None, {"a": 1}]
    for value, order in itertools.product(values, (newest, None)):
        token = sealed({"o": order, "v": value})
        assert leadping.post(ALL, {"continuationToken": token}).status_code == 400, (order, value)
    for field in ("allowContact", "area", "id"):
        for value in ([5, id], [{}, id], [[], id]):
            token = sealed({"o": [f"{field} asc"], "v": value})
            body = {"orderBy": [{"field": field}], "continuationToken": token}
            assert leadping.post(ALL, body).status_code == 400, (field, value)


@pytest.mark.parametrize("rows", [1, 3])
def test_a_search_is_one_query_and_its_count_another_however_long(leadping, account, django_assert_num_queries, rows):
    for number in range(rows):
        item_of(account, number)
    body = {"search": "m", "orderBy": [{"field": "area"}], **equal("status", "new")}
    leadping.post(ALL, body)
    with django_assert_num_queries(1):
        assert len(asked(leadping, **body)) == rows
    with django_assert_num_queries(2):
        assert leadping.post(ALL, {**body, "includeCount": True}).json()["totalCount"] == rows


def test_searching_reads_so_a_key_that_may_read_is_enough_and_one_that_may_write_is_not(account, items):
    reader = bearer(secret_of(account, "leadping:read"), "/leadping")
    assert len(asked(reader)) == 4
    assert reader.put(f"/feedback/admin/{items[0].pk}", {"status": "new"}).status_code == 403
    submitter = bearer(secret_of(account, "leadping:write"), "/leadping")
    assert submitter.post(ALL, {}).status_code == 403


def test_charlie_finds_nothing_of_alice_s(charlies_leadping, items, account):
    token = {"field": "businessId", "value": account.public_id}
    assert asked(charlies_leadping) == asked(charlies_leadping, filters=[token]) == []
    assert charlies_leadping.post(ALL, {"includeCount": True}).json()["totalCount"] == 0
