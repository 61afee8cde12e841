"""Telling endpoints: over HTTP, to a receiver on this machine, checked by somebody else's verifier."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from time import sleep

import pytest
from django.db.models import F
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

from accounts.domain.actors import SYSTEM
from feedback.api.hub import wire_webhooks
from feedback.domain.webhooks import again, claim, deliver, endpoints, finish, outcome
from feedback.domain.webhooks.outcome import Outcome
from feedback.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from feedbackhub.errors import Refused
from feedbackhub.queues import lags
from tests.feedback.domain.webhooks.making import endpoint_of, only_delivery, record_of, run
from tests.threads import at_once


@pytest.fixture
def delivery(account, endpoint):
    record_of(account)
    return only_delivery()


def due_now() -> None:
    WebhookDelivery.objects.filter(state="waiting").update(due_at=timezone.now() - timedelta(seconds=1))


def answer(delivery, status: int | None, **values) -> WebhookDelivery:
    """One try that came to `status`, without a call."""
    due_now()
    (ours,) = [each for each in claim.due(at_most=20) if each.delivery == delivery]
    assert finish.record(claim=ours, outcome=Outcome(at=timezone.now(), seconds=0.1, status=status, **values))
    delivery.refresh_from_db()
    return delivery


def test_a_delivery_is_signed_so_that_anybody_can_check_it(account, receiver, issued, delivery):
    assert run() == 1

    (headers, body) = receiver.calls[0]
    verified = Webhook(issued.signing_key).verify(body, headers)
    assert verified == json.loads(wire_webhooks.body_of(delivery.event))
    assert headers["webhook-id"] == str(delivery.event_id)
    assert abs(int(headers["webhook-timestamp"]) - timezone.now().timestamp()) < 30
    assert headers["content-type"] == "application/json"
    done = only_delivery()
    assert (done.state, done.attempts, done.last_status, done.due_at) == ("delivered", 1, 204, None)
    assert run() == 0


def test_the_signature_is_the_one_of_the_standards_example():
    headers = outcome.signing.headers(
        key="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        at=datetime.fromtimestamp(1614265330, UTC),
        body=b'{"test": 2432232314}',
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_fails_is_tried_again_for_about_a_day_and_then_given_up(endpoint, delivery):
    waits = []
    for _ in range(7):
        before = timezone.now()
        answer(delivery, 500, said="no")
        assert delivery.state == "waiting"
        waits.append((delivery.due_at - before).total_seconds())
    answer(delivery, None, error="no answer within 15 s")

    least = [5, 300, 1800, 7200, 18_000, 36_000, 36_000]
    assert all(low <= wait <= low * 1.34 + 5 for low, wait in zip(least, waits, strict=True)), waits
    assert waits[0] < 10
    assert (delivery.state, delivery.attempts, len(delivery.tries)) == ("failed", 8, 8)
    assert delivery.tries[0].items() >= {"status": 500, "said": "no"}.items()
    assert delivery.tries[7]["error"] == "no answer within 15 s"
    endpoint.refresh_from_db()
    assert (endpoint.enabled, endpoint.exhausted) == (True, 1)


def test_a_repetition_has_the_same_id_and_the_same_body(account, receiver, issued, delivery):
    receiver.status = 503
    run()
    receiver.status = 200
    due_now()
    run()
    (first, body), (second, again) = receiver.calls
    assert (first["webhook-id"], body) == (second["webhook-id"], again)
    assert Webhook(issued.signing_key).verify(again, second)
    assert only_delivery().state == "delivered"


def test_a_worker_that_dies_loses_nothing_and_its_word_no_longer_counts(delivery, receiver):
    (dead,) = claim.due(at_most=20)
    assert (claim.due(at_most=20), run()) == ([], 0)
    due_now()
    assert run() == 1
    late = Outcome(at=timezone.now(), seconds=0, status=500)
    assert finish.record(claim=dead, outcome=late) is False
    assert (only_delivery().state, len(receiver.calls)) == ("delivered", 1)


def test_a_redirect_is_a_failure_and_not_followed(delivery, receiver):
    receiver.status, receiver.headers = 302, {"Location": receiver.url}
    run()
    assert len(receiver.calls) == 1
    assert only_delivery().state == "waiting"
    assert only_delivery().tries[0]["error"] == "redirects are not followed (302)"


def test_gone_switches_the_endpoint_off_at_once_and_on_again_it_is_as_new(account, endpoint, delivery, receiver):
    record_of(account)
    answer(delivery, 410)
    endpoint.refresh_from_db()
    assert (endpoint.enabled, endpoint.disabled_reason) == (False, "the endpoint answered 410 Gone")
    assert endpoint.disabled_at is not None
    assert sorted(WebhookDelivery.objects.values_list("state", flat=True)) == ["cancelled", "failed"]

    on = endpoints.change(account=account, id=endpoint.pk, changes={"enabled": True}, actor=SYSTEM)
    assert (on.enabled, on.disabled_reason, on.disabled_at) == (True, None, None)


@pytest.mark.django_db(transaction=True)
def test_switching_off_while_a_try_is_written_down_waits_for_nobody_that_waits_for_it(
    account, endpoint, delivery, monkeypatch
):
    (ours,) = claim.due(at_most=1)
    cancel, switching = endpoints.cancel_waiting, threading.Event()

    def slowly(endpoint: WebhookEndpoint) -> None:
        switching.set()
        sleep(0.3)
        cancel(endpoint)

    monkeypatch.setattr(endpoints, "cancel_waiting", slowly)

    def one(number: int) -> object:
        if number == 0:
            return endpoints.change(account=account, id=endpoint.pk, changes={"enabled": False}, actor=SYSTEM).enabled
        assert switching.wait(10)
        return finish.record(claim=ours, outcome=Outcome(at=timezone.now(), seconds=0.1, status=410))

    assert at_once(2, one) == [False, False]
    assert only_delivery().state == "cancelled"


def test_only_many_deliveries_in_a_row_that_were_given_up_switch_it_off(account, endpoint, delivery):
    WebhookEndpoint.objects.update(exhausted=finish.GIVE_UP_AFTER - 2)
    WebhookDelivery.objects.update(attempts=7)
    answer(delivery, 500)
    endpoint.refresh_from_db()
    assert endpoint.enabled

    record_of(account)
    second = WebhookDelivery.objects.get(state="waiting")
    WebhookDelivery.objects.filter(pk=second.pk).update(attempts=7)
    answer(second, 500)
    endpoint.refresh_from_db()
    assert (endpoint.enabled, endpoint.disabled_reason) == (False, "50 deliveries in a row were given up")


def test_one_that_arrives_forgives_those_before(endpoint, delivery):
    WebhookEndpoint.objects.update(exhausted=49)
    answer(delivery, 200)
    endpoint.refresh_from_db()
    assert endpoint.exhausted == 0


def test_an_address_that_may_no_longer_be_called_is_not_called(delivery, receiver, settings):
    settings.WEBHOOK_LOCAL_NETWORKS = []
    run()
    assert receiver.calls == []
    assert only_delivery().tries[0]["error"].startswith("host resolves to an address that may not be called")


def test_a_slow_receiver_does_not_hold_up_the_others(account, other_account, receiver, endpoint):
    for _ in range(claim.PER_ENDPOINT + 3):
        record_of(account)
    quick = endpoint_of(other_account, url=receiver.url).endpoint
    record_of(other_account)
    picked = claim.due(at_most=20)
    assert sum(each.delivery.endpoint_id == endpoint.pk for each in picked) == claim.PER_ENDPOINT
    assert sum(each.delivery.endpoint_id == quick.pk for each in picked) == 1
    assert claim.due(at_most=20, busy=[endpoint.pk]) == []


def test_every_account_comes_before_anybodys_second_endpoint(account, other_account):
    for _ in range(4):
        endpoint_of(account)
    endpoint_of(other_account)
    record_of(account)
    record_of(other_account)
    picked = claim.due(at_most=2)
    assert {each.delivery.account_id for each in picked} == {account.pk, other_account.pk}


def test_nothing_is_sent_for_an_account_that_is_switched_off(account, delivery):
    type(account).objects.filter(pk=account.pk).update(active=False)
    assert (run(), lags()["webhooks"].due) == (0, 0)


def test_a_body_that_cannot_be_written_holds_up_nobody(account, delivery, receiver):
    record_of(account)
    WebhookEvent.objects.filter(pk=delivery.event_id).update(data={"id": "nonsense"})
    assert run() == 2
    assert len(receiver.calls) == 1
    delivery.refresh_from_db()
    assert delivery.tries[0]["error"] == "ValidationError"


def test_the_queue_says_how_far_it_is_behind(delivery):
    WebhookDelivery.objects.update(due_at=F("due_at") - timedelta(minutes=5))
    lag = lags()["webhooks"]
    assert (lag.due, lag.late) == (1, True)
    run()
    assert lags()["webhooks"].due == 0


def test_what_was_being_stored_while_its_webhook_was_switched_off_is_no_lag_and_goes_out_once_it_is_on(
    account, endpoint, delivery, receiver
):
    # As the table's trigger does when it still sees the endpoint on.
    WebhookEndpoint.objects.update(enabled=False)
    WebhookDelivery.objects.update(due_at=F("due_at") - timedelta(minutes=5))
    assert (run(), lags()["webhooks"].due, lags()["webhooks"].late) == (0, 0, False)

    endpoints.change(account=account, id=endpoint.pk, changes={"enabled": True}, actor=SYSTEM)
    assert (run(), len(receiver.calls)) == (1, 1)


def test_a_ping_goes_to_one_endpoint_whatever_it_asked_for(account, endpoint, receiver):
    endpoint_of(account)
    again.ping(endpoint=endpoint, actor=SYSTEM)
    run()
    assert [json.loads(body)["type"] for _, body in receiver.calls] == ["webhook.ping"]


def test_what_never_arrived_is_sent_again_by_hand_with_all_its_tries(account, endpoint, delivery, receiver):
    WebhookDelivery.objects.update(attempts=7)
    answer(delivery, 500)
    assert again.replay_undelivered(endpoint=endpoint, actor=SYSTEM) == 1
    run()
    sent = only_delivery()
    assert (sent.state, sent.attempts, len(receiver.calls)) == ("delivered", 1, 1)
    assert [sorted(each) for each in sent.tries][1] == ["at", "by"]

    again.replay(account=account, id=sent.pk, actor=SYSTEM)
    run()
    assert (len(receiver.calls), receiver.calls[0][0]["webhook-id"]) == (2, receiver.calls[1][0]["webhook-id"])


def test_nothing_is_sent_by_hand_to_a_webhook_that_is_off(account, endpoint, delivery):
    endpoints.change(account=account, id=endpoint.pk, changes={"enabled": False}, actor=SYSTEM)
    endpoint.refresh_from_db()
    for verb in (
        lambda: again.ping(endpoint=endpoint, actor=SYSTEM),
        lambda: again.replay(account=account, id=delivery.pk, actor=SYSTEM),
        lambda: again.replay_undelivered(endpoint=endpoint, actor=SYSTEM),
    ):
        with pytest.raises(Refused):
            verb()
    assert only_delivery().state == "cancelled"


def test_old_events_go_with_their_log_unless_something_of_them_waits(account, endpoint, delivery, monkeypatch):
    waits = delivery.event_id
    record_of(account)
    WebhookDelivery.objects.exclude(event_id=waits).update(state="delivered", due_at=None, finished_at=timezone.now())
    assert deliver.forget_old() == 0
    monkeypatch.setattr(deliver, "KEPT", timedelta(seconds=-5))
    assert deliver.forget_old() == 1
    assert list(WebhookEvent.objects.values_list("pk", flat=True)) == [waits]
