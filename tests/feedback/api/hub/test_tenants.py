"""/v1/tenants/{tenant}: emptied at once or in the background, and its settings."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.domain.actors import SYSTEM
from feedback.domain import records, tenants
from feedback.models import FeedbackRecord, TenantPurge, TenantSettings, WebhookEndpoint
from feedbackhub.api.own.contract import API
from feedbackhub.queues import lags
from tests.clients import caller_of
from tests.feedback.domain.webhooks.making import endpoint_of, record_of
from tests.threads import at_once

RECORD = {"source_type": "s", "field_id": "q", "field_type": "text", "tenant_id": "t", "submission_id": "1"}
MERGE = {"content_type": "application/merge-patch+json"}
ZEROS = dict.fromkeys(
    (
        "deleted_embeddings",
        "deleted_taxonomy_runs",
        "deleted_taxonomy_clusters",
        "deleted_taxonomy_cluster_memberships",
        "deleted_taxonomy_nodes",
        "deleted_taxonomy_active_runs",
        "deleted_taxonomy_node_events",
        "deleted_taxonomy_run_input_records",
    ),
    0,
)


def test_all_that_a_tenant_has_is_erased_and_counted(hub, account, other_account):
    for _ in range(2):
        record_of(account)
    endpoint_of(account)
    hub.put("/tenants/t/settings", {"sentiment_enabled": False})
    kept = record_of(account, tenant_id="u")
    others = record_of(other_account)

    answer = hub.delete("/tenants/t/data")
    assert answer.status_code == 200
    assert answer.json() == {
        "tenant_id": "t",
        "deleted_feedback_records": 2,
        "deleted_webhooks": 1,
        **ZEROS,
        "message": "Successfully deleted tenant data for t",
    }
    assert set(FeedbackRecord.objects.all()) == {kept, others}
    assert not WebhookEndpoint.objects.exists()
    assert not TenantSettings.objects.exists()
    again = hub.delete("/tenants/t/data").json()
    assert (again["deleted_feedback_records"], again["deleted_webhooks"]) == (0, 0)


def test_a_tenant_with_more_than_one_call_erases_goes_in_the_background_and_the_caller_is_told(
    hub, account, monkeypatch
):
    monkeypatch.setattr(tenants, "MOST_AT_ONCE", 2)
    for _ in range(3):
        record_of(account)
    endpoint_of(account)
    answer = hub.delete("/tenants/t/data")
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (409, "tenant_write_conflict", "1")
    assert answer.json()["detail"] == tenants.TOO_LARGE
    assert "x-should-retry" not in answer
    assert (FeedbackRecord.objects.count(), WebhookEndpoint.objects.count()) == (3, 1)
    assert tenants.purge_due() == 3
    again = hub.delete("/tenants/t/data").json()
    assert (again["deleted_feedback_records"], again["deleted_webhooks"]) == (0, 1)


@pytest.mark.parametrize(("most", "tenants_at_most", "turns"), [(2, 100, [409, 409, 200]), (100, 2, [409, 200])])
def test_a_person_with_more_than_one_call_erases_goes_part_by_part(
    hub, account, monkeypatch, most, tenants_at_most, turns
):
    monkeypatch.setattr(tenants, "MOST_AT_ONCE", most)
    monkeypatch.setattr(records, "MOST_TENANTS", tenants_at_most)
    for tenant in ("t", "t", "u", "v", "v"):
        record_of(account, tenant_id=tenant, user_id="mia")
    kept = record_of(account, user_id="joe")
    answers = [hub.delete("/feedback-records?user_id=mia") for _ in turns]
    assert [answer.status_code for answer in answers] == turns
    for answer in answers[:-1]:
        assert (answer.json()["code"], answer.json()["detail"]) == ("tenant_write_conflict", records.MORE)
        assert (answer["Retry-After"], "x-should-retry" in answer) == ("1", False)
    assert answers[-1].json()["deleted_count"] in (1, 2)
    assert list(FeedbackRecord.objects.all()) == [kept]


def test_a_tenant_may_have_any_name(hub, account):
    record_of(account, tenant_id="a/b c")
    assert hub.delete("/tenants/a%2Fb%20c/data").json()["deleted_feedback_records"] == 1
    assert hub.put("/tenants/a%2Fdata/settings", {}).json() == {"tenant_id": "a/data", "settings": {}}
    assert hub.get("/tenants/%20/settings").json()["invalid_params"] == [{"name": "tenant_id", "reason": "is required"}]
    assert hub.get(f"/tenants/{'t' * 256}/settings").json()["invalid_params"] == [
        {"name": "tenant_id", "reason": "must be at most 255"}
    ]


@pytest.mark.django_db(transaction=True)
def test_while_a_tenant_is_erased_its_writes_are_refused_at_once_and_others_are_not(hub, account):
    record = record_of(account)
    webhook = endpoint_of(account).endpoint
    holding, done = threading.Event(), threading.Event()

    def erase() -> None:
        with transaction.atomic():
            tenants._seize(account, "t")
            holding.set()
            done.wait(10)
        connection.close()

    thread = threading.Thread(target=erase)
    thread.start()
    assert holding.wait(10)
    try:
        for method, path, body in (
            ("POST", "/feedback-records", RECORD),
            ("PATCH", f"/feedback-records/{record.pk}", {"value_text": "x"}),
            ("DELETE", f"/feedback-records/{record.pk}", None),
            ("PUT", "/tenants/t/settings", {}),
            ("PATCH", "/tenants/t/settings", {}),
            ("POST", "/webhooks", {"url": webhook.url, "tenant_id": "t"}),
            ("PATCH", f"/webhooks/{webhook.pk}", {"enabled": False}),
            ("DELETE", f"/webhooks/{webhook.pk}", None),
        ):
            answer = hub.call(method, path, body, headers={"Idempotency-Key": "k"})
            assert (answer.status_code, answer.json()["code"]) == (409, "tenant_write_conflict"), (method, path)
            assert (answer["Retry-After"], "x-should-retry" in answer) == ("1", False)
        batch = caller_of(API, account).post("/api/v1/records/batch", [RECORD, {**RECORD, "tenant_id": "u"}])
        assert (batch.status_code, batch["Retry-After"], FeedbackRecord.objects.count()) == (409, "1", 1)
        assert hub.post("/feedback-records", {**RECORD, "tenant_id": "u"}).status_code == 201
        assert hub.get("/feedback-records?tenant_id=t").status_code == 200
    finally:
        done.set()
        thread.join()
    assert hub.post("/feedback-records", RECORD, headers={"Idempotency-Key": "k"}).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_a_purge_waits_for_writes_under_way_and_then_says_so(hub, account, monkeypatch):
    monkeypatch.setattr(tenants, "WAIT_SECONDS", 0.05)
    record = record_of(account)
    writing, done = threading.Event(), threading.Event()

    def write() -> None:
        with transaction.atomic():
            tenants.hold(account=account, tenant_id="t")
            writing.set()
            done.wait(10)
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    assert writing.wait(10)
    answer = hub.delete("/tenants/t/data")
    assert (answer.status_code, answer.json()["code"]) == (409, "tenant_write_conflict")
    assert list(FeedbackRecord.objects.all()) == [record]
    monkeypatch.setattr(tenants, "WAIT_SECONDS", 5)
    threading.Timer(0.05, done.set).start()
    assert hub.delete("/tenants/t/data").json()["deleted_feedback_records"] == 1
    thread.join()


@pytest.mark.django_db(transaction=True)
def test_creates_and_a_purge_at_once_are_stored_or_refused_and_nothing_else(hub, account):
    def one(number: int):
        if number == 5:
            return hub.delete("/tenants/t/data").status_code
        return hub.post("/feedback-records", {**RECORD, "submission_id": str(number)}).status_code

    assert set(at_once(10, one)) <= {200, 201, 409}


def test_a_purge_in_the_background_spares_what_came_after_it(hub, account, django_capture_on_commit_callbacks):
    for _ in range(3):
        record_of(account)
    endpoint_of(account)
    answers = [hub.delete("/tenants/t/feedback-records") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == {
        "tenant_id": "t",
        "status": "accepted",
        "message": "Feedback records purge accepted for t",
    }
    assert TenantPurge.objects.count() == 1
    late = record_of(account)
    assert FeedbackRecord.objects.count() == 4

    assert (tenants.purge_due(), tenants.purge_due()) == (3, 0)
    assert list(FeedbackRecord.objects.all()) == [late]
    assert WebhookEndpoint.objects.count() == 1
    purge = TenantPurge.objects.get()
    assert (purge.deleted, purge.finished_at is not None) == (3, True)
    hub.delete("/tenants/t/feedback-records")
    assert tenants.purge_due() == 1


def test_a_purge_that_is_asked_for_again_erases_what_came_in_between(hub, account):
    hub.delete("/tenants/t/feedback-records")
    record_of(account)
    hub.delete("/tenants/t/feedback-records")
    assert TenantPurge.objects.count() == 1

    assert (tenants.purge_due(), FeedbackRecord.objects.count()) == (1, 0)


def test_a_purge_that_is_asked_for_again_while_it_runs_is_not_over_yet(account, monkeypatch):
    record_of(account)
    tenants.ask_for_purge(account=account, tenant_id="t", actor=SYSTEM)
    erase = tenants.erase_records

    def asked_again_meanwhile(*, ids: list[UUID]) -> list[UUID]:
        gone = erase(ids=ids)
        if ids:
            record_of(account)
            tenants.ask_for_purge(account=account, tenant_id="t", actor=SYSTEM)
        return gone

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(tenants, "erase_records", asked_again_meanwhile)
        assert tenants.purge_due() == 1
    assert TenantPurge.objects.get().finished_at is None

    assert (tenants.purge_due(), FeedbackRecord.objects.count()) == (1, 0)
    assert TenantPurge.objects.get().finished_at is not None


def test_a_worker_that_died_with_a_purge_is_followed_by_another(account, monkeypatch):
    for _ in range(3):
        record_of(account)
    tenants.ask_for_purge(account=account, tenant_id="t", actor=SYSTEM)
    monkeypatch.setattr(tenants, "BATCH", 1)
    with monkeypatch.context() as dying:
        dying.setattr(tenants, "erase_records", lambda **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            tenants.purge_due()
    assert tenants.purge_due() == 0
    TenantPurge.objects.update(due_at=timezone.now() - timedelta(minutes=5))
    assert lags()["purges"].late
    assert tenants.purge_due() == 3


def test_settings_nobody_made_are_empty(hub):
    assert hub.get("/tenants/t/settings").json() == {"tenant_id": "t", "settings": {}}


def test_put_replaces_and_patch_merges_and_null_removes(hub):
    first = {"target_language": "en-us", "sentiment_enabled": False}
    assert hub.put("/tenants/t/settings", first).json()["settings"] == {
        "target_language": "en-US",
        "sentiment_enabled": False,
    }
    merged = hub.patch("/tenants/t/settings", {"sentiment_enabled": None, "emotions_enabled": True}, **MERGE)
    assert merged.json() == {"tenant_id": "t", "settings": {"target_language": "en-US", "emotions_enabled": True}}
    assert hub.patch("/tenants/t/settings", {}).json() == merged.json()
    assert hub.get("/tenants/t/settings").json() == merged.json()
    assert hub.put("/tenants/t/settings", {"emotions_enabled": None}).json()["settings"] == {}


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"target_language": ""}, "target_language"),
        ({"target_language": "x" * 36}, "target_language"),
        ({"target_language": "not a locale"}, "target_language"),
        ({"target_language": 1}, "target_language"),
        ({"sentiment_enabled": "yes"}, "sentiment_enabled"),
        ({"other": 1}, "other"),
    ],
)
def test_settings_that_are_none_are_named(hub, body, name):
    for method in ("PUT", "PATCH"):
        answer = hub.call(method, "/tenants/t/settings", body)
        assert (answer.status_code, [each["name"] for each in answer.json()["invalid_params"]]) == (400, [name])
    assert not TenantSettings.objects.exists()


def test_settings_of_more_than_8_kib_are_too_large(hub):
    answer = hub.put("/tenants/t/settings", b'{"target_language": "' + b"a" * 8192 + b'"}')
    assert (answer.status_code, answer.json()["code"]) == (413, "content_too_large")


def test_locales_are_written_as_is_usual(hub):
    for sent, kept in (("zh-hant-tw", "zh-Hant-TW"), ("DE", "de"), ("es-419", "es-419"), ("sl-rozaj", "sl-rozaj")):
        assert hub.put("/tenants/t/settings", {"target_language": sent}).json()["settings"]["target_language"] == kept


def test_charlies_tenant_of_the_same_name_is_another(hub, charlies_hub, account):
    record_of(account)
    hub.put("/tenants/t/settings", {"sentiment_enabled": True})
    assert charlies_hub.get("/tenants/t/settings").json()["settings"] == {}
    assert charlies_hub.delete("/tenants/t/data").json()["deleted_feedback_records"] == 0
    charlies_hub.delete("/tenants/t/feedback-records")
    assert tenants.purge_due() == 0
    assert FeedbackRecord.objects.count() == 1
    assert TenantSettings.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_something_of_that_person_that_comes_in_meanwhile_stops_their_erasure(hub, account, monkeypatch):
    record_of(account, user_id="u")
    erase = tenants.erase_records

    def and_another_comes_in(**ids: Any) -> list[UUID]:
        gone: list[UUID] = erase(**ids)
        at_once(1, lambda _: record_of(account, user_id="u"))
        return gone

    monkeypatch.setattr(tenants, "erase_records", and_another_comes_in)
    answer = hub.delete("/feedback-records?user_id=u")
    assert (answer.status_code, answer.json()["code"]) == (409, "tenant_write_conflict")
    assert FeedbackRecord.objects.count() == 2
    monkeypatch.undo()
    assert hub.delete("/feedback-records?user_id=u").json()["deleted_count"] == 2
