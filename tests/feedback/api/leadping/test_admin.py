"""The older client's triage over the same items that the console has."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from accounts.domain.actors import SYSTEM
from feedback.domain import items
from feedback.domain.items import ItemDraft
from feedback.models import FeedbackItem
from tests.feedback.api.callers import HOSTILE_BODIES
from tests.threads import at_once

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def item_of(account: Any, number: int, **values: Any) -> FeedbackItem:
    with time_machine.travel(START + timedelta(days=number), tick=False):
        draft = ItemDraft(message=f"m{number}", channel=FeedbackItem.Channel.PRODUCT, **values)
        return items.create(account=account, draft=draft, actor=SYSTEM)


def messages(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [item["message"] for item in answer.json()["items"]]


@pytest.fixture
def item(account) -> FeedbackItem:
    return item_of(account, 0)


@pytest.fixture
def path(item) -> str:
    return f"/feedback/admin/{item.pk}"


def test_a_list_is_paged_by_token_newest_first(leadping, account):
    for number in range(5):
        item_of(account, number)
    seen, token = [], ""
    while token is not None:
        answer = leadping.get(f"/feedback/admin?PageSize=2&ContinuationToken={token}")
        seen.append(messages(answer))
        assert answer.json().keys() == {"items", "pageSize", "continuationToken"}
        assert answer.json()["pageSize"] == 2
        token = answer.json()["continuationToken"]
    assert seen == [["m4", "m3"], ["m2", "m1"], ["m0"]]


def test_the_page_size_has_a_default_and_a_cap(leadping):
    assert leadping.get("/feedback/admin").json() == {"items": [], "pageSize": 50, "continuationToken": None}
    for size in ("101", "5000", "9" * 5000):
        assert leadping.get(f"/feedback/admin?PageSize={size}").json()["pageSize"] == 100


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("Area=Reports", ["m1"]),
        ("area=Reports&STATUS=New", ["m1"]),
        ("Type=bug", ["m1"]),
        ("Type=other", ["m3", "m2"]),
        ("Status=closed", []),
        ("Status=ignored", ["m3"]),
        ("Search=M2", ["m2"]),
        ("Search=repo", ["m1"]),
        ("Search=100%25", []),
        ("Area=Reports&Nonsense=1", ["m1"]),
        ("CreatedStart=2026-03-03T14:00:00+02:00", ["m3", "m2"]),
        ("CreatedStart=2026-03-03T12:00:00.000000%2B00:00", ["m3", "m2"]),
        ("CreatedStart=2026-03-03T12:00:00.000000+00:00&CreatedEnd=2026-03-03T13:00:00Z", ["m2"]),
        ("BusinessId=nobody", []),
        ("Type=", ["m3", "m2", "m1"]),
    ],
)
def test_filters_narrow_the_list_whatever_the_case_of_their_names(leadping, account, query, found):
    item_of(account, 1, area="Reports", type="bug")
    item_of(account, 2, type="complaint")
    spam = item_of(account, 3)
    FeedbackItem.objects.filter(pk=spam.pk).update(status="spam", closed_at=START, closed_by="user:x")
    lenient = "STATUS" in query or "Nonsense" in query
    assert messages(leadping.get(f"/feedback/admin?{query}", undocumented=lenient)) == found
    if "BusinessId" not in query:
        assert (
            messages(leadping.get(f"/feedback/admin?BusinessId={account.public_id}&{query}", undocumented=lenient))
            == found
        )


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("Status=open", "Status"),
        ("Type=praise", "Type"),
        ("PageSize=0", "PageSize"),
        ("PageSize=x", "PageSize"),
        ("PageSize=" + "9" * 5000 + "x", "PageSize"),
        ("PageSize=%C2%B2", "PageSize"),
        ("Search=" + "a" * 201, "Search"),
        ("Type=bug&Type=other", "Type"),
        ("type=bug&TYPE=bug", "Type"),
        ("CreatedEnd=2026-03-01T12:00:00", "CreatedEnd"),
        ("ContinuationToken=" + "A" * 40_000, "ContinuationToken"),
        ("CreatedStart=yesterday", "CreatedStart"),
        ("ContinuationToken=nonsense", "ContinuationToken"),
        ("ContinuationToken=e30=", "ContinuationToken"),
    ],
)
def test_a_parameter_that_does_not_fit_is_named(leadping, query, name):
    answer = leadping.get(f"/feedback/admin?{query}")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [name]


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_is_one_query_however_long(leadping, account, alice, django_assert_num_queries, rows):
    for number in range(rows):
        item_of(account, number, submitted_by=alice.user)
    leadping.get("/feedback/admin")
    with django_assert_num_queries(1):
        assert len(messages(leadping.get("/feedback/admin"))) == rows


def test_an_item_of_a_signed_in_user_tells_who_they_were(leadping, account, alice):
    item = item_of(account, 1, submitted_by=alice.user)
    alice.user.name = "Renamed"
    alice.user.save()
    shown = leadping.get(f"/feedback/admin/{item.pk}").json()
    assert (shown["userId"], shown["userEmailSnapshot"], shown["userDisplayNameSnapshot"]) == (
        alice.user.public_id,
        "alice@example.com",
        "Alice",
    )


@time_machine.travel(START, tick=False)
def test_a_put_triages_and_stamps_with_the_key_s_identity(leadping, item, path):
    answer = leadping.put(path, {"status": "planned", "type": "bug", "area": "Reports", "adminNote": "Seen"})
    item.refresh_from_db()
    body = answer.json()
    assert answer.status_code == 200
    assert (body["status"], body["type"], body["area"], body["adminNote"]) == ("planned", "bug", "Reports", "Seen")
    assert body["reviewedAt"] == "2026-03-01T12:00:00.000000Z"
    assert body["reviewedByUserId"] == item.reviewed_by
    assert item.reviewed_by.startswith("key:")
    assert (body["closedAt"], body["closedByUserId"], item.version) == (None, None, 2)
    assert leadping.get(path).json() == body


def test_closing_stamps_and_reopening_as_new_clears_everything(leadping, path):
    closed = leadping.put(path, {"status": "shipped"}).json()
    assert None not in [closed[name] for name in ("reviewedAt", "reviewedByUserId", "closedAt", "closedByUserId")]
    again = leadping.put(path, {"status": "ignored"}).json()
    assert again["closedAt"] == closed["closedAt"]
    new = leadping.put(path, {"status": "new"}).json()
    assert [new[name] for name in ("reviewedAt", "reviewedByUserId", "closedAt", "closedByUserId")] == [None] * 4


def test_absent_is_unchanged_and_null_clears_what_can_be_cleared(leadping, account, path):
    other = item_of(account, 1)
    full = {
        "type": "bug",
        "status": "reviewed",
        "area": "A",
        "adminNote": "n",
        "externalIssueUrl": "https://example.com/1",
        "duplicateOfFeedbackItemId": str(other.pk),
    }
    filled = leadping.put(path, full).json()
    assert {name: filled[name] for name in full} == full
    assert leadping.put(path, {}).json() == filled
    cleared = leadping.put(path, dict.fromkeys(full)).json()
    assert {name: cleared[name] for name in full} == {
        **dict.fromkeys(full),
        "type": "bug",
        "status": "reviewed",
    }


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"status": "spam"}, "status"),
        ({"type": "praise"}, "type"),
        ({"area": 5}, "area"),
        ({"area": "a" * 201}, "area"),
        ({"adminNote": "a" * 10_001}, "adminNote"),
        ({"externalIssueUrl": "javascript:alert(1)"}, "externalIssueUrl"),
        ({"duplicateOfFeedbackItemId": "nonsense"}, "duplicateOfFeedbackItemId"),
        ({"duplicateOfFeedbackItemId": str(uuid.uuid4())}, "duplicateOfFeedbackItemId"),
    ],
)
def test_a_change_that_does_not_fit_is_named_and_changes_nothing(leadping, item, path, body, name):
    answer = leadping.put(path, {"area": "B", **body})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert list(answer.json()["errors"]) == [name]
    item.refresh_from_db()
    assert (item.area, item.version) == (None, 1)


def test_what_this_contract_has_no_word_for_survives_a_client_that_sends_back_all_it_read(leadping, account):
    item = item_of(account, 1, type="complaint")
    FeedbackItem.objects.filter(pk=item.pk).update(
        status="spam", reviewed_at=START, reviewed_by="user:x", closed_at=START, closed_by="user:x"
    )
    path = f"/feedback/admin/{item.pk}"
    shown = leadping.get(path).json()
    assert (shown["type"], shown["status"]) == ("other", "ignored")
    assert leadping.put(path, shown).json() == shown
    item.refresh_from_db()
    assert (item.type, item.status, item.version) == ("complaint", "spam", 1)
    assert leadping.put(path, {"type": "bug", "status": "closed"}).json()["type"] == "bug"
    item.refresh_from_db()
    assert (item.type, item.status, item.closed_at) == ("bug", "closed", START)


def test_one_item_is_read_with_one_query_and_changed_with_seven(
    leadping, account, item, path, alice, django_assert_num_queries
):
    FeedbackItem.objects.update(submitted_by=alice.user)
    leadping.get(path)
    with django_assert_num_queries(1):
        leadping.get(path)
    # The item; savepoint, lock, update, release; the item again.
    with django_assert_num_queries(7):
        leadping.put(path, {"status": "closed", "adminNote": "n"})


def test_a_hostile_body_changes_nothing_and_finds_nothing(leadping, item, path):
    for hostile, body in HOSTILE_BODIES.items():
        for method, address in (("PUT", path), ("POST", "/feedback/admin/all")):
            answer = leadping.call(method, address, body)
            assert answer.status_code == 400, (hostile, method)
    item.refresh_from_db()
    assert (item.status, item.version) == ("new", 1)


@pytest.mark.django_db(transaction=True)
def test_of_twenty_changes_at_once_none_is_lost_and_the_first_stamps_stay(leadping, path, item):
    states = ["shipped", "closed", "ignored"]
    answers = at_once(20, lambda n: leadping.put(path, {"status": states[n % 3], "area": f"A{n}"}))
    assert {answer.status_code for answer in answers} == {200}
    item.refresh_from_db()
    assert item.version == 21
    last = leadping.get(path).json()
    assert {(each.json()["closedAt"], each.json()["reviewedAt"]) for each in answers} == {
        (last["closedAt"], last["reviewedAt"])
    }


def test_a_duplicate_is_never_of_itself_in_a_circle_or_of_charlie_s(leadping, account, other_account, item, path):
    other = item_of(account, 1)
    theirs = item_of(other_account, 2)
    leadping.put(f"/feedback/admin/{other.pk}", {"duplicateOfFeedbackItemId": str(item.pk)})
    for target in (item, other, theirs):
        answer = leadping.put(path, {"duplicateOfFeedbackItemId": str(target.pk)})
        assert answer.status_code == 400
        assert list(answer.json()["errors"]) == ["duplicateOfFeedbackItemId"]


@pytest.mark.parametrize("id", ["nonsense", "1", "01890000-0000-7000-8000-000000000000"])
def test_what_names_nothing_is_not_found(leadping, id):
    for method in ("GET", "PUT"):
        answer = leadping.call(method, f"/feedback/admin/{id}", {}, headers={"X-Request-ID": "r-1"})
        assert answer.status_code == 404
        assert answer.json() == {
            "type": "https://tools.ietf.org/html/rfc9110#section-15.5.5",
            "title": "Not Found",
            "status": 404,
            "detail": "Feedback item not found.",
            "instance": f"/leadping/feedback/admin/{id}",
            "traceId": "r-1",
        }


def test_charlie_sees_and_changes_nothing_of_alice_s(charlies_leadping, item, path):
    assert charlies_leadping.get(path).status_code == 404
    assert charlies_leadping.put(path, {"status": "closed"}).status_code == 404
    assert messages(charlies_leadping.get("/feedback/admin")) == []
    item.refresh_from_db()
    assert item.status == "new"
