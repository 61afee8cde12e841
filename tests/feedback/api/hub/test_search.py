"""Search by meaning and similar answers on the wire; without a model they are in test_enrichment.py."""

from __future__ import annotations

from datetime import timedelta

import pytest

from feedback.domain.semantic import upkeep

SEARCH = "/feedback-records/search/semantic"
UNKNOWN = "018e1234-5678-7abc-8ef0-123456789abc"


@pytest.fixture(autouse=True)
def _switched_on(settings, monkeypatch):
    settings.SEMANTIC_MODEL = ""
    monkeypatch.setattr(upkeep, "SETTLED", timedelta(seconds=-5))


@pytest.fixture
def said(hub):
    """Three answers of a tenant with their vectors; returns what each was stored as."""
    stored = []
    for text in ("I cannot sign in", "Signing in is impossible", "Lovely coffee"):
        body = {
            "tenant_id": "org-123",
            "submission_id": text,
            "field_id": "q1",
            "field_type": "text",
            "source_type": "survey",
            "field_label": "What is it?",
            "value_text": text,
        }
        answer = hub.post("/feedback-records", body)
        assert answer.status_code == 201
        stored.append(answer.json())
    assert upkeep.run() == 3
    return stored


def test_a_search_finds_what_means_the_same_best_first(hub, said):
    answer = hub.post(f"{SEARCH}?min_score=0.4", {"query": "sign in fails", "tenant_id": "org-123"})
    assert answer.status_code == 200
    body = answer.json()
    assert (set(body), body["limit"]) == ({"data", "limit"}, 10)
    assert {each["feedback_record_id"] for each in body["data"]} == {said[0]["id"], said[1]["id"]}
    assert body["data"] == sorted(body["data"], key=lambda each: -each["score"])
    assert set(body["data"][0]) == {"feedback_record_id", "score", "field_label", "value_text"}


def test_the_default_score_leaves_out_what_is_merely_related(hub, said):
    answer = hub.post(SEARCH, {"query": "I cannot sign in", "tenant_id": "org-123"})
    assert [each["value_text"] for each in answer.json()["data"]] == ["I cannot sign in", "Signing in is impossible"]
    assert answer.json()["data"][0]["score"] == 1.0


def test_pages_by_cursor_hold_everything_once(hub, said):
    seen, cursor = [], ""
    while True:
        page = hub.post(f"{SEARCH}?min_score=0&limit=1{cursor}", {"query": "sign in", "tenant_id": "org-123"}).json()
        seen += [each["feedback_record_id"] for each in page["data"]]
        if "next_cursor" not in page:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert sorted(seen) == sorted(each["id"] for each in said)


def test_similar_answers_leave_out_the_answer_itself(hub, said):
    answer = hub.get(f"/feedback-records/{said[0]['id']}/similar?min_score=0.5")
    assert answer.status_code == 200
    assert [each["feedback_record_id"] for each in answer.json()["data"]] == [said[1]["id"]]


def test_charlies_key_finds_nothing_of_alices(hub, charlies_hub, said):
    found = charlies_hub.post(f"{SEARCH}?min_score=0", {"query": "sign in", "tenant_id": "org-123"})
    assert found.json() == {"data": [], "limit": 10}
    assert charlies_hub.get(f"/feedback-records/{said[0]['id']}/similar").status_code == 404


def test_an_unknown_answer_has_nothing_similar(hub):
    answer = hub.get(f"/feedback-records/{UNKNOWN}/similar")
    assert (answer.status_code, answer.json()["details"]) == (404, {"resource_type": "feedback record"})
    assert hub.get("/feedback-records/nothing/similar").json()["invalid_params"][0]["name"] == "id"


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("min_score=-0.1", "min_score"),
        ("min_score=1.1", "min_score"),
        ("min_score=nan", "min_score"),
        ("min_score=x", "min_score"),
        ("cursor=%21", "cursor"),
        ("cursor=eyJkIjoieCJ9", "cursor"),
    ],
)
def test_a_parameter_at_fault_is_named(hub, query, name):
    answer = hub.post(f"{SEARCH}?{query}", {"query": "x", "tenant_id": "t"})
    assert (answer.status_code, [each["name"] for each in answer.json()["invalid_params"]]) == (400, [name])


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({}, ["query", "tenant_id"]),
        ({"query": " ", "tenant_id": " "}, ["query", "tenant_id"]),
        ({"query": 1, "tenant_id": "t"}, ["query"]),
        ({"query": "x", "tenant_id": "t" * 256}, ["tenant_id"]),
        ({"query": "x", "tenant_id": "t", "more": 1}, ["more"]),
    ],
)
def test_a_member_at_fault_is_named(hub, body, names):
    answer = hub.post(SEARCH, body)
    assert (answer.status_code, [each["name"] for each in answer.json()["invalid_params"]]) == (400, names)


def test_a_long_query_is_read_as_far_as_the_model_reads(hub, said):
    answer = hub.post(SEARCH, {"query": "word " * 12_000, "tenant_id": "org-123"})
    assert answer.status_code == 200
