"""What is written down when something happens: in the transaction in which it happens, and only if somebody hears."""

from __future__ import annotations

import json

import pytest
from django.db import transaction

from accounts.domain.actors import SYSTEM
from feedback.api.hub import wire, wire_webhooks
from feedback.domain import records, tenants
from feedback.domain.webhooks import endpoints
from feedback.models import FeedbackRecord, WebhookDelivery, WebhookEvent
from tests.feedback.domain.webhooks.making import PUBLIC, endpoint_of, only_delivery, record_of, told


def shown(record):
    return wire.render(FeedbackRecord.objects.get(pk=record.pk), wire.Dialect())


def test_a_new_record_is_told_as_get_shows_it(account):
    endpoint = endpoint_of(account).endpoint
    record = record_of(account, value_number=8.5, metadata={"a": [1.5, None, "ü"]}, user_id="u", language="de")

    delivery = only_delivery()
    body = json.loads(wire_webhooks.body_of(delivery.event))
    assert body == {
        "id": str(delivery.event_id),
        "type": "feedback_record.created",
        "timestamp": shown(record)["created_at"],
        "tenant_id": "t",
        "data": shown(record),
    }
    assert (delivery.endpoint, delivery.account, delivery.state) == (endpoint, account, "waiting")
    assert delivery.event_id.version == 7


def test_the_key_is_never_told_not_even_about_webhooks(account):
    hears_all = endpoint_of(account, event_types=[])
    other = endpoint_of(account)
    endpoints.change(
        account=account, id=other.endpoint.pk, changes={"signing_key": "whsec_bmV3", "enabled": False}, actor=SYSTEM
    )
    endpoints.delete(account=account, id=other.endpoint.pk, actor=SYSTEM)

    assert [type for type, _ in told()] == ["webhook.created", "webhook.created", "webhook.updated", "webhook.deleted"]
    events = list(WebhookEvent.objects.order_by("happened_at", "id"))
    everything = (
        b"".join(wire_webhooks.body_of(each) for each in events) + json.dumps([each.data for each in events]).encode()
    )
    for secret in (hears_all.signing_key, other.signing_key, "bmV3", "sealed_key", other.endpoint.sealed_key):
        assert secret.encode() not in everything
    assert events[2].changed_fields == ["signing_key", "enabled"]
    assert told()[3][1] == [str(other.endpoint.pk)]


def test_a_correction_names_what_really_changed(account):
    endpoint_of(account)
    record = record_of(account, value_text="a", language="en")
    changes = {"value_text": "b", "language": "en", "metadata": {"x": 1}}
    records.correct(account=account, record_id=record.pk, changes=changes, actor=SYSTEM)

    event = WebhookEvent.objects.get(type="feedback_record.updated")
    assert event.changed_fields == ["value_text", "metadata"]
    assert json.loads(wire_webhooks.body_of(event))["data"] == shown(record)


def test_a_correction_that_changes_nothing_is_not_told(account):
    endpoint_of(account)
    record = record_of(account, value_text="a")
    for changes in ({}, {"value_text": "a"}):
        records.correct(account=account, record_id=record.pk, changes=changes, actor=SYSTEM)
    assert [type for type, _ in told()] == ["feedback_record.created"]


def test_a_deletion_tells_the_ids(account):
    endpoint_of(account, event_types=["feedback_record.deleted"])
    gone = record_of(account)
    mine = sorted(str(record_of(account, user_id="u").pk) for _ in range(2))
    records.delete(account=account, record_id=gone.pk, actor=SYSTEM)
    records.delete_of_user(account=account, user_id="u", tenant_id=None, actor=SYSTEM)
    assert told() == [("feedback_record.deleted", [str(gone.pk)]), ("feedback_record.deleted", mine)]


def test_purges_tell_nobody(account):
    endpoint_of(account)
    WebhookEvent.objects.all().delete()
    record_of(account)
    tenants.ask_for_purge(account=account, tenant_id="t", actor=SYSTEM)
    assert tenants.purge_due() == 1
    record_of(account)
    tenants.erase(account=account, tenant_id="t", actor=SYSTEM)
    assert (told(), FeedbackRecord.objects.count()) == ([], 0)


def test_erasing_a_person_erases_what_the_log_says_of_them(account):
    endpoint_of(account)
    record_of(account, user_id="u", value_text="secret")
    record_of(account, user_id="v")
    records.delete_of_user(account=account, user_id="u", tenant_id=None, actor=SYSTEM)
    assert sorted(type for type, _ in told()) == ["feedback_record.created", "feedback_record.deleted"]
    assert "secret" not in json.dumps(told())


@pytest.mark.parametrize(
    "values",
    [
        {"tenant_id": "u"},
        {"enabled": False},
        {"event_types": ["webhook.created"]},
    ],
)
def test_who_did_not_ask_is_not_told(account, values):
    endpoint_of(account, **values)
    record_of(account)
    assert not WebhookEvent.objects.filter(type="feedback_record.created").exists()


def test_charlies_endpoint_hears_nothing_of_alices_tenant_of_the_same_name(account, other_account):
    endpoint_of(other_account)
    record_of(account)
    assert not WebhookEvent.objects.exists()


def test_records_of_other_contracts_are_not_told(account):
    endpoint_of(account)
    record_of(account, contract=FeedbackRecord.Contract.INKEEP)
    assert not WebhookEvent.objects.exists()


def test_many_records_by_one_statement_are_told_one_by_one_to_everybody(account):
    for _ in range(2):
        endpoint_of(account)
    drafts = [record_of(account, tenant_id="u") for _ in range(3)]
    FeedbackRecord.objects.all().delete()
    for draft in drafts:
        draft.tenant_id = "t"
    FeedbackRecord.objects.bulk_create(drafts)
    assert sorted(data["id"] for _, data in told()) == sorted(str(draft.pk) for draft in drafts)
    assert WebhookDelivery.objects.count() == 6


def test_a_create_that_is_rolled_back_tells_nothing(account):
    endpoint_of(account)
    with transaction.atomic():
        record_of(account)
        assert WebhookEvent.objects.exists()
        transaction.set_rollback(True)
    assert not WebhookEvent.objects.exists()


def test_without_a_webhook_a_create_is_one_statement_and_with_one_as_well(account, django_assert_num_queries):
    with django_assert_num_queries(1):
        record_of(account)
    endpoint_of(account)
    with django_assert_num_queries(1):
        record_of(account)
    assert WebhookDelivery.objects.count() == 1


def test_an_endpoint_that_is_off_hears_from_the_first_record_after_it_was_switched_on(account):
    endpoint = endpoint_of(account, enabled=False).endpoint
    record_of(account)
    endpoints.change(account=account, id=endpoint.pk, changes={"enabled": True}, actor=SYSTEM)
    heard = record_of(account)
    assert told() == [("feedback_record.created", shown(heard))]


def test_a_webhook_that_is_moved_hears_of_its_new_tenant_only(account):
    endpoint = endpoint_of(account, url=PUBLIC).endpoint
    endpoints.change(account=account, id=endpoint.pk, changes={"tenant_id": "u"}, actor=SYSTEM)
    record_of(account)
    heard = record_of(account, tenant_id="u")
    assert told() == [("feedback_record.created", shown(heard))]
