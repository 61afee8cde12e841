"""What needs a language model, which the hub has none of: off, 503 or unknown, and never a pretence."""

from __future__ import annotations

import json

import pytest
import yaml

from tests.feedback.api.callers import Caller

OFF = {
    "enabled": False,
    "eligible": 0,
    "done": 0,
    "failed": 0,
    "failed_terminal": 0,
    "disabled_reason": "not_configured",
}
ID = "018e1234-5678-7abc-8ef0-123456789abc"
KINDS = ("translation", "sentiment", "emotions")
SAME = {
    "retried": 0,
    "status": "disabled",
    "disabled_reason": "not_configured",
}


def test_every_enrichment_is_off_and_says_why(hub):
    answer = hub.get("/enrichment-status?tenant_id=t")
    assert answer.status_code == 200
    assert answer.json() == {"tenant_id": "t", "as_of": answer.json()["as_of"], **dict.fromkeys(KINDS, OFF)}
    assert hub.get("/enrichment-status").json()["invalid_params"] == [{"name": "tenant_id", "reason": "is required"}]


def test_a_retry_is_accepted_and_retries_nothing(hub):
    for body in (None, {}, {"enrichments": None}):
        answer = hub.post("/tenants/t/enrichments/retry", body)
        assert (answer.status_code, answer.json()) == (202, {"tenant_id": "t", **dict.fromkeys(KINDS, SAME)})
    one = hub.post("/tenants/a%2Fb/enrichments/retry", {"enrichments": ["emotions"]})
    assert one.json() == {"tenant_id": "a/b", "emotions": SAME}
    for body, name in (({"enrichments": ["x"]}, "enrichments"), ({"enrichments": "x"}, "enrichments"), ({"x": 1}, "x")):
        answer = hub.post("/tenants/t/enrichments/retry", body)
        assert [each["name"] for each in answer.json()["invalid_params"]] == [name]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/feedback-records/search/semantic"),
        ("GET", f"/feedback-records/{ID}/similar"),
        ("GET", "/taxonomy/fields"),
        ("POST", "/taxonomy/runs"),
    ],
)
def test_what_is_not_configured_says_so_before_it_looks_and_is_not_worth_a_retry(hub, method, path):
    answer = hub.call(method, path, b"{" if method == "POST" else None)
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert (answer.json()["code"], answer["x-should-retry"]) == ("service_unavailable", "false")
    assert "not configured" in answer.json()["detail"]
    assert Caller("/v1").call(method, path).status_code == 401


def test_a_search_of_more_than_64_kib_is_too_large(hub):
    assert hub.post("/feedback-records/search/semantic", b"a" * (64 * 1024 + 1)).status_code == 413


def test_there_are_no_runs(hub):
    assert hub.get("/taxonomy/runs?tenant_id=t&scope_type=field&source_id=&limit=100").json() == {"data": []}


RENAME = {"tenant_id": "t", "actor_id": "a", "label": "l"}
UNKNOWN = [
    ("GET", "/taxonomy/runs/active/tree?tenant_id=t&scope_type=directory", None, "taxonomy run"),
    ("GET", f"/taxonomy/runs/{ID}?tenant_id=t", None, "taxonomy run"),
    ("GET", f"/taxonomy/runs/{ID}/tree?tenant_id=t", None, "taxonomy run"),
    ("GET", f"/taxonomy/runs/{ID}/record-counts?tenant_id=t", None, "taxonomy run"),
    ("PATCH", f"/taxonomy/nodes/{ID}", RENAME, "taxonomy node"),
    ("DELETE", f"/taxonomy/nodes/{ID}?tenant_id=t&actor_id=a", None, "taxonomy node"),
    ("GET", f"/taxonomy/nodes/{ID}/records?tenant_id=t&limit=5", None, "taxonomy node"),
]


@pytest.mark.parametrize(("method", "path", "body", "what"), UNKNOWN)
def test_no_id_of_a_taxonomy_is_known(hub, method, path, body, what):
    answer = hub.call(method, path, body)
    assert (answer.status_code, answer.json()["details"]) == (404, {"resource_type": what})


@pytest.mark.parametrize(
    ("method", "path", "body", "names"),
    [
        ("GET", "/taxonomy/runs", None, ["tenant_id"]),
        ("GET", "/taxonomy/runs?tenant_id=t&limit=0", None, ["limit"]),
        ("GET", "/taxonomy/runs?tenant_id=t&limit=101", None, ["limit"]),
        ("GET", "/taxonomy/runs?tenant_id=t&scope_type=x", None, ["scope_type"]),
        ("GET", "/taxonomy/runs/active/tree", None, ["tenant_id"]),
        ("GET", "/taxonomy/runs/nonsense?tenant_id=t", None, ["id"]),
        ("GET", f"/taxonomy/runs/{ID}/tree?tenant_id=", None, ["tenant_id"]),
        ("PATCH", f"/taxonomy/nodes/{ID}", {"label": 1, "x": 1}, ["x", "tenant_id", "actor_id", "label"]),
        ("DELETE", f"/taxonomy/nodes/{ID}", None, ["tenant_id", "actor_id"]),
        ("GET", f"/taxonomy/nodes/{ID}/records?tenant_id=t&limit=0", None, ["limit"]),
    ],
)
def test_what_is_wrong_with_a_call_is_said_first(hub, method, path, body, names):
    answer = hub.call(method, path, body)
    assert (answer.status_code, [each["name"] for each in answer.json()["invalid_params"]]) == (400, names)


def test_the_document_of_the_contract_is_public_in_both_forms(db, settings):
    as_json = Caller().get("/openapi.json")
    as_yaml = Caller().get("/openapi.yaml")
    assert (as_json.status_code, as_json["Content-Type"]) == (200, "application/json")
    assert (as_yaml.status_code, as_yaml["Content-Type"]) == (200, "application/yaml")
    found = json.loads(as_json.content)
    assert found == yaml.load(as_yaml.content, Loader=yaml.CSafeLoader)
    assert found["servers"] == [{"url": settings.BASE_URL}]
    assert "/v1/feedback-records" in found["paths"]
    assert Caller().post("/openapi.json").status_code == 405
