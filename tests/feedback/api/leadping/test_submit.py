"""POST /leadping/feedback: an item with its snapshots."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from accounts.models import Account
from feedback.models import FeedbackItem
from tests.feedback.api.callers import HOSTILE_BODIES, Caller, bearer, secret_of
from tests.threads import at_once

NOW = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
SEED = {
    "message": "The export hangs",
    "route": "/reports",
    "area": "Reports",
    "allowContact": True,
    "clientVersion": "2.4.1",
}
NOTHING_YET = (
    "userId",
    "subscriptionPlanSnapshot",
    "userEmailSnapshot",
    "userDisplayNameSnapshot",
    "adminNote",
    "externalIssueUrl",
    "duplicateOfFeedbackItemId",
    "reviewedAt",
    "closedAt",
    "reviewedByUserId",
    "closedByUserId",
)
PROBLEM = {
    "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
    "title": "One or more validation errors occurred.",
    "status": 400,
    "instance": "/leadping/feedback",
    "traceId": "r-1",
}


@time_machine.travel(NOW, tick=False)
def test_the_sample_call_of_the_document_makes_an_item(leadping, account):
    answer = leadping.post("/feedback", SEED, headers={"User-Agent": "python-httpx/0.28 kiota-python/1.9"})

    item = FeedbackItem.objects.get()
    assert (answer.status_code, answer["Content-Type"]) == (201, "application/json")
    assert answer.json() == {
        **SEED,
        **dict.fromkeys(NOTHING_YET),
        "id": str(item.pk),
        "businessId": account.public_id,
        "organizationId": account.public_id,
        "type": "other",
        "status": "new",
        "userAgent": "python-httpx/0.28 kiota-python/1.9",
        "serverVersion": "0.1.0",
        "environment": "test",
        "businessNameSnapshot": "Alice's Bakery",
        "createdAt": "2026-03-01T12:00:00.250000Z",
    }
    assert (item.account, item.channel, item.type, item.status) == (account, "product", "other", "new")
    assert (item.message, item.allow_contact, item.version) == ("The export hangs", True, 1)


def test_the_smallest_body_is_a_message(leadping):
    answer = leadping.post("/feedback/", {"message": "Hello"}).json()
    assert {name: answer[name] for name in ("type", "route", "area", "allowContact", "clientVersion", "userAgent")} == {
        "type": "other",
        "route": None,
        "area": None,
        "allowContact": False,
        "clientVersion": None,
        "userAgent": None,
    }


def test_every_type_of_the_document_is_kept(leadping):
    for type in ("bug", "confusing", "feature_request", "missing_capability", "other"):
        assert leadping.post("/feedback", {"message": "m", "type": type}).json()["type"] == type


def test_nulls_are_as_good_as_absent_and_unknown_members_are_ignored(leadping):
    body = {**dict.fromkeys(("type", "route", "area", "clientVersion")), "message": "m", "status": "closed", "x": {}}
    answer = leadping.post("/feedback", body)
    assert (answer.status_code, answer.json()["type"], answer.json()["status"]) == (201, "other", "new")


def test_texts_are_kept_as_sent(leadping):
    body = {"message": "  two\nlines ü ", "route": "", "area": " "}
    answer = leadping.post("/feedback", body).json()
    assert {name: answer[name] for name in body} == body


def test_snapshots_stay_as_they_were_when_the_account_changes(leadping, account):
    account.plan = "Pro"
    account.save()
    created = leadping.post("/feedback", SEED).json()
    assert created["subscriptionPlanSnapshot"] == "Pro"
    Account.objects.update(name="Renamed", plan="Free")
    assert leadping.get(f"/feedback/admin/{created['id']}").json() == created


def test_a_very_long_user_agent_is_cut(leadping):
    answer = leadping.post("/feedback", SEED, headers={"User-Agent": "a" * 5000})
    assert answer.json()["userAgent"] == "a" * 1000


def test_a_user_agent_that_no_text_holds_does_not_cost_the_feedback(leadping):
    answer = leadping.post("/feedback", SEED, headers={"User-Agent": "a\x00\tb\ud800 ü"})
    assert (answer.status_code, answer.json()["userAgent"]) == (201, "ab ü")
    assert leadping.post("/feedback", SEED, headers={"User-Agent": "\x01"}).json()["userAgent"] is None


def test_two_identical_posts_are_two_items(leadping):
    ids = {leadping.post("/feedback", SEED).json()["id"] for _ in range(2)}
    assert len(ids) == FeedbackItem.objects.count() == 2


def test_an_idempotency_key_makes_them_one(leadping):
    answers = [leadping.post("/feedback", SEED, headers={"Idempotency-Key": "k"}).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert FeedbackItem.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_posts_with_one_idempotency_key_at_once_make_one_item(leadping):
    answers = at_once(50, lambda _: leadping.post("/feedback", SEED, headers={"Idempotency-Key": "k"}))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert FeedbackItem.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"message": None}, {"message": ["The message must not be blank."]}),
        ({"message": " \n\t"}, {"message": ["The message must not be blank."]}),
        ({"message": 5}, {"message": ["Must be a string."]}),
        ({"message": "a" * 10_001}, {"message": ["At most 10000 characters; these are 10001."]}),
        ({"route": "a" * 2049}, {"route": ["At most 2048 characters; these are 2049."]}),
        ({"area": "a" * 201}, {"area": ["At most 200 characters; these are 201."]}),
        ({"clientVersion": "a" * 101}, {"clientVersion": ["At most 100 characters; these are 101."]}),
        ({"allowContact": "yes"}, {"allowContact": ["Must be true or false."]}),
        ({"allowContact": None}, {"allowContact": ["Must be true or false."]}),
        (
            {"type": "praise", "area": []},
            {
                "area": ["Must be a string."],
                "type": ["Must be one of: bug, confusing, feature_request, missing_capability, other."],
            },
        ),
        ({"type": ["bug"]}, {"type": ["Must be one of: bug, confusing, feature_request, missing_capability, other."]}),
    ],
)
def test_what_does_not_fit_is_a_problem_with_errors_by_member(leadping, changes, errors):
    answer = leadping.post("/feedback", {**SEED, **changes}, headers={"X-Request-ID": "r-1"})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    detail = "; ".join(f"{name}: {messages[0]}" for name, messages in errors.items())
    assert answer.json() == {**PROBLEM, "detail": detail, "errors": errors}
    assert not FeedbackItem.objects.exists()


def test_a_hostile_body_is_a_problem_and_stores_nothing(leadping):
    names = PROBLEM.keys() - {"title"}
    for hostile, body in HOSTILE_BODIES.items():
        answer = leadping.post("/feedback", body, headers={"X-Request-ID": "r-1"})
        assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json"), hostile
        assert {name: answer.json()[name] for name in names} == {name: PROBLEM[name] for name in names}
    assert not FeedbackItem.objects.exists()


def test_a_body_too_large_is_a_400_since_clients_read_no_other(leadping):
    answer = leadping.post("/feedback", b'{"message": "' + b"a" * 2 * 1024 * 1024 + b'"}')
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "application/vnd.leadping+json"])
def test_json_under_any_of_its_names_is_taken(leadping, media_type):
    assert leadping.post("/feedback", SEED, content_type=media_type, undocumented=True).status_code == 201


def test_another_media_type_is_refused(leadping):
    answer = leadping.post("/feedback", SEED, content_type="text/plain")
    assert (answer.status_code, answer["Content-Type"]) == (415, "application/problem+json")


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Bearer lp_src_0123456789", "Basic abc"])
def test_who_calls_is_settled_first(db, header):
    stranger = Caller("/leadping", {"Authorization": header} if header else {})
    for path in ("/feedback", "/feedback/admin", "/nowhere"):
        answer = stranger.post(path, b"{", headers={"X-Request-ID": "r-1"})
        assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert answer.json() == {
            "type": "https://tools.ietf.org/html/rfc9110#section-15.5.2",
            "title": "Unauthorized",
            "status": 401,
            "detail": answer.json()["detail"],
            "instance": f"/leadping{path}",
            "traceId": "r-1",
        }


def test_one_call_too_many_in_a_minute_waits_and_has_no_effect(leadping, account, settings):
    assert settings.RATE_LIMITS["leadping"] == 300
    account.rate_limits = {"leadping": 3}
    account.save()
    answers = [leadping.post("/feedback", SEED) for _ in range(5)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert int(refused[0]["Retry-After"]) >= 1
    assert refused[0].json()["title"] == "Too Many Requests"
    assert FeedbackItem.objects.count() == 5 - len(refused)


def test_creating_is_one_statement_and_two_looks_in_its_transaction(leadping, django_assert_num_queries):
    leadping.post("/feedback", SEED)
    # The account's usual target, savepoint, item, whether anything was ever merged in the account, release.
    with django_assert_num_queries(5):
        leadping.post("/feedback", SEED)


def test_a_key_that_may_only_submit_reads_nothing_that_staff_wrote(account, leadping):
    submitter = bearer(secret_of(account, "leadping:write"), "/leadping")
    created = submitter.post("/feedback", SEED)
    assert created.status_code == 201
    path = f"/feedback/admin/{created.json()['id']}"
    calls = [("GET", "/feedback/admin", None), ("GET", path, None), ("PUT", path, {"status": "closed"})]
    assert [submitter.call(*call).status_code for call in calls] == [403] * 3
    assert FeedbackItem.objects.get().status == "new"
