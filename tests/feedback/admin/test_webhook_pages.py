"""Webhooks in the console: made, tried out, and the log of what was sent."""

from __future__ import annotations

import pytest
from django.urls import reverse

from feedback.models import WebhookDelivery, WebhookEndpoint
from feedbackhub import sealing
from tests.feedback.domain.webhooks.making import PUBLIC, endpoint_of, record_of

LIST = reverse("admin:feedback_webhookendpoint_changelist")


def page(name: str, pk: object) -> str:
    return reverse(f"admin:feedback_{name}", args=[pk])


@pytest.fixture
def endpoint(account):
    return endpoint_of(account).endpoint


@pytest.fixture
def hers(alice):
    return alice.signed_in()


def test_a_new_webhook_shows_its_key_once(hers, account):
    posted = {
        "account": account.pk,
        "tenant_id": "t",
        "url": PUBLIC,
        "event_types": ["webhook.created"],
        "enabled": "on",
    }
    answer = hers.post(reverse("admin:feedback_webhookendpoint_add"), posted)

    made = WebhookEndpoint.objects.get()
    assert (made.account, made.tenant_id, made.url, made.event_types) == (account, "t", PUBLIC, ["webhook.created"])
    key = sealing.unseal(made.sealed_key)
    assert answer.status_code == 200
    assert key in answer.content.decode()
    shown = hers.get(page("webhookendpoint_change", made.pk)).content.decode()
    assert (key in shown, made.sealed_key in shown) == (False, False)


def test_an_address_that_may_not_be_called_is_said_at_its_field(hers, account):
    posted = {"account": account.pk, "tenant_id": "t", "url": "http://127.0.0.1/", "enabled": "on"}
    text = hers.post(reverse("admin:feedback_webhookendpoint_add"), posted).content.decode()
    assert "host resolves to an address that may not be called" in text
    assert not WebhookEndpoint.objects.exists()


def test_a_change_goes_through_the_domain_and_switching_on_clears_why_it_was_off(hers, endpoint):
    WebhookEndpoint.objects.update(enabled=False, disabled_reason="gone", disabled_at=endpoint.created_at)
    posted = {"tenant_id": "t", "url": f"{PUBLIC}/2", "enabled": "on"}
    assert hers.post(page("webhookendpoint_change", endpoint.pk), posted).status_code == 302
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.enabled, endpoint.event_types) == (f"{PUBLIC}/2", True, [])
    assert (endpoint.disabled_reason, endpoint.disabled_at) == (None, None)


def test_a_test_is_sent_and_leads_to_its_delivery(hers, endpoint):
    answer = hers.post(page("webhookendpoint_ping", endpoint.pk))
    delivery = WebhookDelivery.objects.select_related("event").get()
    assert delivery.event.type == "webhook.ping"
    assert answer["Location"] == page("webhookdelivery_change", delivery.pk)


def test_a_new_key_replaces_the_old_one_and_is_shown_once(hers, endpoint):
    before = sealing.unseal(endpoint.sealed_key)
    text = hers.post(page("webhookendpoint_new_key", endpoint.pk)).content.decode()
    endpoint.refresh_from_db()
    after = sealing.unseal(endpoint.sealed_key)
    assert (after != before, after in text) == (True, True)


def test_the_log_says_what_was_sent_and_what_came_back_and_sends_it_again(hers, account, endpoint):
    record_of(account, value_text="<b>lovely</b>")
    tried = {"at": "2026-03-01T12:00:00.000+00:00", "seconds": 0.2, "status": 500, "said": "<script>oops"}
    WebhookDelivery.objects.update(
        state="failed", due_at=None, finished_at=endpoint.created_at, tries=[tried], last_status=500
    )
    delivery = WebhookDelivery.objects.get()
    text = hers.get(page("webhookdelivery_change", delivery.pk)).content.decode()
    assert "&lt;b&gt;lovely&lt;/b&gt;" in text
    assert "500 &lt;script&gt;oops (0.2 s)" in text

    hers.post(page("webhookdelivery_replay", delivery.pk))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries[1]["by"]) == ("waiting", "Alice")


def test_all_that_failed_is_sent_again_with_one_press(hers, account, endpoint):
    for _ in range(2):
        record_of(account)
    WebhookDelivery.objects.update(state="failed", due_at=None, finished_at=endpoint.created_at)
    hers.post(page("webhookendpoint_resend", endpoint.pk))
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"waiting"}

    WebhookDelivery.objects.update(state="cancelled", due_at=None, finished_at=endpoint.created_at)
    marked = list(WebhookDelivery.objects.values_list("pk", flat=True))
    log = reverse("admin:feedback_webhookdelivery_changelist")
    hers.post(log, {"action": "send_again", "_selected_action": marked, "index": 0})
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"waiting"}


def test_neither_bob_nor_charlie_presses_a_button_of_alices_webhook(bob, charlie, account, endpoint):
    record_of(account)
    delivery = WebhookDelivery.objects.get()
    before = sealing.unseal(endpoint.sealed_key)
    for person in (bob, charlie):
        client = person.signed_in()
        for verb in ("ping", "resend", "new_key"):
            assert client.post(page(f"webhookendpoint_{verb}", endpoint.pk)).status_code in (403, 404)
        assert client.post(page("webhookdelivery_replay", delivery.pk)).status_code in (403, 404)
    endpoint.refresh_from_db()
    assert (WebhookDelivery.objects.count(), sealing.unseal(endpoint.sealed_key)) == (1, before)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_log_costs_the_same_however_long(hers, account, endpoint, django_assert_max_num_queries, rows):
    for _ in range(rows):
        record_of(account)
    with django_assert_max_num_queries(16):
        assert hers.get(reverse("admin:feedback_webhookdelivery_changelist")).status_code == 200
