"""/v1/webhooks: who is told of what."""

from __future__ import annotations

import base64
import uuid

import pytest

from feedback.domain.webhooks import endpoints
from feedback.models import WebhookEndpoint
from feedbackhub import outbound, sealing
from tests.feedback.domain.webhooks.making import PUBLIC

NEW = {"url": PUBLIC, "tenant_id": "org-123"}
TYPES = (
    "feedback_record.created, feedback_record.updated, feedback_record.deleted, "
    "webhook.created, webhook.updated, webhook.deleted"
)


@pytest.fixture
def webhook(hub):
    return hub.post("/webhooks", NEW).json()


def without_key(webhook):
    return {name: value for name, value in webhook.items() if name != "signing_key"}


def test_a_new_webhook_shows_its_key_once(hub):
    answer = hub.post("/webhooks", {**NEW, "event_types": ["feedback_record.created"]})

    row = WebhookEndpoint.objects.get()
    made = answer.json()
    assert answer.status_code == 201
    assert without_key(made) == {
        "id": str(row.pk),
        "tenant_id": "org-123",
        "url": PUBLIC,
        "enabled": True,
        "event_types": ["feedback_record.created"],
        "created_at": made["created_at"],
        "updated_at": made["updated_at"],
    }
    assert made["signing_key"].startswith("whsec_")
    assert len(base64.b64decode(made["signing_key"].removeprefix("whsec_"))) == 32
    assert row.pk.version == 7
    assert made["signing_key"] not in row.sealed_key
    assert sealing.unseal(row.sealed_key) == made["signing_key"]
    assert hub.get(f"/webhooks/{row.pk}").json() == without_key(made)
    assert hub.get("/webhooks").json() == {"data": [without_key(made)], "limit": 100}


def test_a_key_of_ones_own_is_kept_as_it_was_sent(hub):
    for key in ("whsec_bXkga2V5", "bXkga2V5"):
        assert hub.post("/webhooks", {**NEW, "signing_key": key}).json()["signing_key"] == key


def test_the_tenant_is_trimmed_and_nulls_are_as_good_as_absent(hub):
    body = {"url": PUBLIC, "tenant_id": " org-123 ", "enabled": None, "event_types": None, "signing_key": None}
    answer = hub.post("/webhooks", body).json()
    assert (answer["tenant_id"], answer["enabled"], answer["event_types"]) == ("org-123", True, [])


@pytest.mark.parametrize(
    ("values", "name", "reason"),
    [
        ({"url": None}, "url", "is required"),
        ({"url": ""}, "url", "is required"),
        ({"url": 1}, "url", "must be string"),
        ({"url": "ftp://93.184.216.34"}, "url", "must be a valid HTTP or HTTPS URL"),
        ({"url": "http://127.0.0.1/hook"}, "url", None),
        ({"url": "http://[::1]/hook"}, "url", None),
        ({"url": "http://169.254.169.254/latest/meta-data"}, "url", None),
        ({"url": "http://10.0.0.8/"}, "url", None),
        ({"url": "http://localhost:9000/"}, "url", None),
        ({"url": "https://u:p@93.184.216.34/"}, "url", "must not contain a user name or password"),
        ({"tenant_id": None}, "tenant_id", "is required"),
        ({"tenant_id": "  "}, "tenant_id", "is required"),
        ({"tenant_id": "t" * 256}, "tenant_id", "must be at most 255"),
        ({"enabled": "yes"}, "enabled", "must be bool"),
        ({"event_types": "all"}, "event_types", "must be []string"),
        ({"event_types": ["all"]}, "event_types", f'has invalid value "all"; must be one of: {TYPES}'),
        ({"event_types": ["webhook.created"] * 2}, "event_types", "must not contain duplicates"),
        ({"signing_key": "not base64!"}, "signing_key", "must be base64, with or without whsec_ before it"),
        ({"signing_key": ""}, "signing_key", "must be base64, with or without whsec_ before it"),
        ({"signing_key": "whsec_"}, "signing_key", "must be base64, with or without whsec_ before it"),
        ({"secret": "x"}, "secret", "is not a recognized request field"),
        ({"id": "x"}, "id", "is not a recognized request field"),
    ],
)
def test_what_does_not_fit_is_named_with_its_reason(hub, values, name, reason):
    answer = hub.post("/webhooks", {**NEW, **values})
    assert (answer.status_code, answer.json()["code"]) == (400, "validation")
    (problem,) = answer.json()["invalid_params"]
    assert problem["name"] == name
    assert problem["reason"] == (reason or problem["reason"])
    assert not WebhookEndpoint.objects.exists()


def test_a_name_that_does_not_resolve_is_refused_and_named(hub, monkeypatch):
    def nowhere(host: str, port: int) -> list[str]:
        raise OSError

    monkeypatch.setattr(outbound, "_look_up", nowhere)
    answer = hub.post("/webhooks", {**NEW, "url": "https://nowhere.example/hook"})
    assert answer.json()["invalid_params"] == [{"name": "url", "reason": "host does not resolve"}]


def test_a_change_replaces_what_it_names_and_shows_no_key(hub, webhook):
    changes = {"url": f"{PUBLIC}/2", "enabled": False, "event_types": ["webhook.deleted"], "tenant_id": "org-2"}
    answer = hub.patch(f"/webhooks/{webhook['id']}", {**changes, "signing_key": "bmV3"})
    assert answer.status_code == 200
    assert answer.json() == {**without_key(webhook), **changes, "updated_at": answer.json()["updated_at"]}
    assert sealing.unseal(WebhookEndpoint.objects.get().sealed_key) == "bmV3"
    cleared = hub.patch(f"/webhooks/{webhook['id']}", {"event_types": []})
    assert cleared.json()["event_types"] == []


def test_a_change_of_nothing_writes_nothing(hub, webhook):
    for body in ({}, {"enabled": True}, {"url": None}):
        assert hub.patch(f"/webhooks/{webhook['id']}", body).json() == without_key(webhook)


@pytest.mark.parametrize("values", [{"tenant_id": ""}, {"url": "http://127.0.0.1/"}, {"signing_key": "!"}, {"x": 1}])
def test_a_change_is_checked_like_a_new_one(hub, webhook, values):
    answer = hub.patch(f"/webhooks/{webhook['id']}", values)
    assert [each["name"] for each in answer.json()["invalid_params"]] == list(values)
    assert hub.get(f"/webhooks/{webhook['id']}").json() == without_key(webhook)


def test_switching_on_again_clears_why_it_was_off(hub, webhook):
    WebhookEndpoint.objects.update(enabled=False, disabled_reason="gone", disabled_at=webhook["created_at"])
    shown = hub.get(f"/webhooks/{webhook['id']}").json()
    assert (shown["disabled_reason"], shown["disabled_at"]) == ("gone", webhook["created_at"])
    answer = hub.patch(f"/webhooks/{webhook['id']}", {"enabled": True}).json()
    assert (answer["enabled"], answer.keys() & {"disabled_reason", "disabled_at"}) == (True, set())


def test_a_removed_webhook_is_gone(hub, webhook):
    path = f"/webhooks/{webhook['id']}"
    answer = hub.delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert [hub.call(method, path, {}).status_code for method in ("GET", "PATCH", "DELETE")] == [404, 404, 404]
    assert hub.get(path).json()["details"] == {"resource_type": "webhook"}


def test_a_list_follows_its_cursor_and_narrows(hub):
    ids = [hub.post("/webhooks", {**NEW, "tenant_id": f"t{n % 2}", "enabled": n < 2}).json()["id"] for n in range(3)]

    def listed(query: str) -> list[str]:
        return [each["id"] for each in hub.get(f"/webhooks?{query}").json()["data"]]

    first = hub.get("/webhooks?limit=2").json()
    rest = hub.get(f"/webhooks?limit=2&cursor={first['next_cursor']}").json()
    assert [each["id"] for each in first["data"] + rest["data"]] == ids[::-1]
    assert "next_cursor" not in rest
    assert listed("tenant_id=t0") == [ids[2], ids[0]]
    assert listed("enabled=true") == [ids[1], ids[0]]
    assert listed("enabled=false&tenant_id=t0&cursor=") == [ids[2]]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("limit=1001", "limit"),
        ("limit=x", "limit"),
        ("enabled=maybe", "enabled"),
        ("cursor=x", "cursor"),
        ("tenant_id=", "tenant_id"),
    ],
)
def test_a_list_names_what_it_cannot_read(hub, query, name):
    answer = hub.get(f"/webhooks?{query}")
    assert (answer.status_code, [each["name"] for each in answer.json()["invalid_params"]]) == (400, [name])


def test_an_account_has_a_limit_of_webhooks(hub, charlies_hub, webhook, monkeypatch):
    monkeypatch.setattr(endpoints, "MOST", 1)
    answer = hub.post("/webhooks", NEW)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert charlies_hub.post("/webhooks", NEW).status_code == 201
    assert WebhookEndpoint.objects.count() == 2


def test_charlie_never_learns_of_alices_webhook(charlies_hub, hub, webhook):
    missing = charlies_hub.get(f"/webhooks/{uuid.uuid4()}").json()
    for method in ("GET", "PATCH", "DELETE"):
        answer = charlies_hub.call(method, f"/webhooks/{webhook['id']}", {"enabled": False})
        assert (answer.status_code, answer.json()["detail"]) == (404, missing["detail"])
    assert charlies_hub.get("/webhooks").json()["data"] == []
    assert hub.get(f"/webhooks/{webhook['id']}").json() == without_key(webhook)


def test_a_body_of_more_than_64_kib_is_too_large(hub):
    answer = hub.post("/webhooks", b'{"url": "' + b"a" * (64 * 1024) + b'"}')
    assert (answer.status_code, answer.json()["code"]) == (413, "content_too_large")


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_is_one_query_however_long(hub, django_assert_num_queries, rows):
    for _ in range(rows):
        hub.post("/webhooks", NEW)
    with django_assert_num_queries(1):
        assert len(hub.get("/webhooks").json()["data"]) == rows
