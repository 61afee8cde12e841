"""What the official client sends, byte for byte, from its oldest release and from its newest; noted from both."""

from __future__ import annotations

from typing import Any

import pytest

from feedback.models import FeedbackRecord
from tests.feedback.api.callers import Caller, bearer
from tests.feedback.domain.webhooks.making import PUBLIC

COMMON = {
    "Accept": "application/json",
    "Accept-Language": "*",
    "Accept-Encoding": "gzip, deflate",
    "Connection": "keep-alive",
    "Sec-Fetch-Mode": "cors",
    "X-Stainless-Arch": "x64",
    "X-Stainless-Lang": "js",
    "X-Stainless-OS": "Linux",
    "X-Stainless-Retry-Count": "0",
    "X-Stainless-Runtime": "node",
    "X-Stainless-Runtime-Version": "v20.19.2",
}
ANYTHING = {"Accept": "*/*"}
TODAY = {
    "field_id": "q1",
    "field_type": "text",
    "source_type": "survey",
    "submission_id": "s-1",
    "tenant_id": "org-123",
    "user_id": "u",
    "value_text": "fine",
}


def sdk(secret: str, version: str) -> Caller:
    agent = {"User-Agent": f"FormbricksHub/JS {version}", "X-Stainless-Package-Version": version}
    return bearer(secret, "/v1", **COMMON, **agent)


@pytest.fixture
def oldest(secret: str) -> Caller:
    return sdk(secret, "0.2.0")


@pytest.fixture
def newest(secret: str) -> Caller:
    return sdk(secret, "0.13.0")


def ok(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    return answer.json() if answer.content else None


@pytest.mark.parametrize("version", ["0.2.0", "0.13.0"])
def test_the_health_check_takes_plain_text(db, version):
    answer = Caller("", {**COMMON, "X-Stainless-Package-Version": version}).get(
        "/health", headers={"Accept": "text/plain"}
    )
    assert (answer.status_code, answer.content) == (200, b"OK")


def test_a_day_of_the_oldest_client(oldest):
    body = {
        "field_id": "q1",
        "field_type": "rating",
        "source_type": "survey",
        "value_number": 9,
        "user_identifier": "u",
    }
    made = ok(oldest.post("/feedback-records", body), 201)
    assert made["user_identifier"] == "u"
    assert ok(oldest.get(f"/feedback-records/{made['id']}")) == made
    # The second answer to the same question is no duplicate: this client knows no submissions.
    ok(oldest.post("/feedback-records", body), 201)
    page = ok(oldest.get("/feedback-records?limit=1&offset=1&user_identifier=u"))
    assert (page["data"], page["total"], page["limit"], page["offset"]) == ([made], 2, 1, 1)
    changed = ok(oldest.patch(f"/feedback-records/{made['id']}", {"value_number": 8, "user_identifier": "v"}))
    assert (changed["value_number"], changed["user_identifier"]) == (8, "v")
    erased = ok(oldest.delete("/feedback-records?user_identifier=u"))
    assert erased == {"deleted_count": 1, "message": "Successfully deleted 1 feedback records"}
    assert oldest.delete(f"/feedback-records/{made['id']}", headers=ANYTHING).status_code == 204
    assert not FeedbackRecord.objects.exists()


def test_the_oldest_client_reads_the_problem_of_its_document(oldest):
    answer = oldest.post("/feedback-records", {"field_type": "rating", "source_type": "survey"})
    problem = answer.json()
    assert (problem["type"], problem["title"], problem["detail"]) == (
        "about:blank",
        "Bad Request",
        "Required field 'field_id' is missing",
    )
    assert problem["errors"] == [{"location": "field_id", "message": "field_id is required"}]


def test_records_of_the_newest_client(newest):
    made = ok(newest.post("/feedback-records", TODAY), 201)
    assert "user_identifier" not in made
    assert ok(newest.get(f"/feedback-records/{made['id']}")) == made
    again = newest.post("/feedback-records", TODAY)
    assert (again.status_code, again["x-should-retry"]) == (409, "false")
    filters = "tenant_id=org-123&field_type=text%2Cnps&source_type=survey%2Creview&has_sentiment=false&submission_id="
    assert ok(newest.get(f"/feedback-records/count?{filters.removesuffix('&submission_id=')}")) == {"count": 1}
    assert ok(newest.get(f"/feedback-records/count?{filters}")) == {"count": 0}
    page = ok(newest.get("/feedback-records?tenant_id=org-123&limit=1&sort=created_at&order=asc&user_id=u"))
    assert page == {"data": [made], "limit": 1}
    assert ok(newest.patch(f"/feedback-records/{made['id']}", {"language": "de"}))["language"] == "de"
    assert ok(newest.delete("/feedback-records?user_id=u&tenant_id=org-123"))["deleted_count"] == 1


def test_everything_else_of_the_newest_client(newest):
    hook = ok(newest.post("/webhooks", {"tenant_id": "org-123", "url": PUBLIC, "enabled": True}), 201)
    ok(newest.patch(f"/webhooks/{hook['id']}", {"event_types": ["feedback_record.created"]}))
    assert ok(newest.get("/webhooks?enabled=true&limit=10&tenant_id=org-123"))["data"][0]["id"] == hook["id"]
    assert newest.delete(f"/webhooks/{hook['id']}", headers=ANYTHING).status_code == 204

    merge = {"content_type": "application/merge-patch+json"}
    ok(newest.patch("/tenants/a%2Fb%20c/settings", {"target_language": "en-us"}, **merge))
    assert ok(newest.get("/tenants/a%2Fb%20c/settings"))["settings"] == {"target_language": "en-US"}
    assert ok(newest.delete("/tenants/a%2Fb%20c/feedback-records"), 202)["status"] == "accepted"
    assert ok(newest.delete("/tenants/a%2Fb%20c/data"))["deleted_feedback_records"] == 0

    assert ok(newest.get("/enrichment-status?tenant_id=org-123"))["sentiment"]["enabled"] is False
    assert ok(newest.get("/taxonomy/runs?tenant_id=org-123&source_id=")) == {"data": []}
    search = {"query": "slow", "tenant_id": "org-123"}
    answer = newest.post("/feedback-records/search/semantic?limit=5&min_score=0.5", search)
    assert (answer.status_code, answer["x-should-retry"]) == (503, "false")
