"""Twilio's callbacks: believed only when signed, applied once."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.http import QueryDict
from django.test import Client
from pytest_django import Settings

from accounts.models import Account
from campaigns.models import ProviderEvent, SmsReply
from campaigns.webhooks.twilio import signature
from crm.models import Suppression
from tests.campaigns.asking import somebody
from tests.campaigns.sent import attempted, sent, state_of

pytestmark = pytest.mark.django_db(transaction=True)

TOKEN, HUB = "hunter2hunter2", "https://hub.example.com"
INCOMING = "/hooks/twilio/hub/incoming"


@pytest.fixture(autouse=True)
def _twilio(settings: Settings) -> None:
    settings.BASE_URL, settings.HTTPS = HUB, True
    settings.SMS_PROVIDER_URL = f"twilio://AC1:{TOKEN}@api.twilio.com?from=%2B15005550006&confirm=hub"


def post(path: str, form: dict[str, str], *, token: str = TOKEN, signed: str | None = None) -> Any:
    query = QueryDict(mutable=True)
    query.update(form)
    given = signature(token=token, url=HUB + path, form=query) if signed is None else signed
    return Client(enforce_csrf_checks=True).post(path, form, headers={"X-Twilio-Signature": given})


def told(status: str, **more: str) -> dict[str, str]:
    return {"MessageSid": "SM1", "MessageStatus": status, "To": "+12015550123", **more}


def test_the_documented_example_has_the_documented_signature():
    form = QueryDict(mutable=True)
    form.update(
        CallSid="CA1234567890ABCDE", Caller="+14158675309", Digits="1234", From="+14158675309", To="+18005551212"
    )
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert signature(token="12345", url=url, form=form) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_a_message_s_way_is_followed(account: Account):
    row = attempted(account, "sms", provider="twilio")
    path = f"/hooks/twilio/hub/status/{row.pk}"
    assert post(path, told("sent")).status_code == 204
    row.refresh_from_db()
    assert (row.outcome, row.provider_ref, state_of(row)) == ("accepted", "SM1", "accepted")
    for _ in range(2):
        assert post(path, told("delivered")).status_code == 204
    assert post(path, told("sent")).status_code == 204
    assert (state_of(row), ProviderEvent.objects.count()) == ("delivered", 2)


@pytest.mark.parametrize(
    ("error", "state", "reason"),
    [("30006", "bounced", "sms_failed"), ("21610", "failed", "stop"), ("30008", "failed", "")],
)
def test_an_error_says_whether_the_number_is_dead(account: Account, error: str, state: str, reason: str):
    row = sent(account, "sms", provider="twilio", ref="SM1")
    post(f"/hooks/twilio/hub/status/{row.pk}", told("undelivered", ErrorCode=error))
    assert (state_of(row), "".join(Suppression.objects.values_list("reason", flat=True))) == (state, reason)


@pytest.mark.parametrize("signed", ["", "x", "é", "RSOYDt4T1cUTdK1PDd93/VVr8B8="])
def test_a_forged_one_changes_nothing(account: Account, signed: str):
    row = sent(account, "sms", provider="twilio", ref="SM1")
    reply = post(f"/hooks/twilio/hub/status/{row.pk}", told("undelivered", ErrorCode="30006"), signed=signed)
    assert (reply.status_code, state_of(row), ProviderEvent.objects.count()) == (403, "accepted", 0)


def test_a_signature_fits_one_address_and_one_form(account: Account):
    row, form = sent(account, "sms", provider="twilio", ref="SM1"), QueryDict(mutable=True)
    form.update(told("delivered"))
    path = f"/hooks/twilio/hub/status/{row.pk}"
    good = signature(token=TOKEN, url=HUB + path, form=form)
    assert post(f"/hooks/twilio/hub/status/{uuid4()}", told("delivered"), signed=good).status_code == 403
    assert post(path, told("undelivered"), signed=good).status_code == 403
    assert post(path, told("delivered"), signed=good).status_code == 204


def test_an_attempt_nobody_knows_is_kept_and_is_no_error():
    assert post(f"/hooks/twilio/hub/status/{uuid4()}", told("delivered")).status_code == 204
    assert ProviderEvent.objects.get().attempt is None


def test_somebody_writes_stop(account: Account):
    somebody(account, mobile_number="+12015550123")
    form = {"MessageSid": "SM9", "From": "+12015550123", "To": "+15005550006", "Body": "Stop"}
    reply = post(INCOMING, form)
    assert reply.content.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?><Response><Message>Alice&#x27;s Bakery: You are unsubscribed and will '
        "get no more messages. Reply START to undo.</Message></Response>"
    )
    assert Suppression.objects.get().reason == "stop"
    assert "<Message>" not in post(INCOMING, form).content.decode()


def test_twilio_confirms_by_itself_unless_told_not_to(account: Account, settings: Settings):
    settings.SMS_PROVIDER_URL = settings.SMS_PROVIDER_URL.removesuffix("&confirm=hub")
    somebody(account, mobile_number="+12015550123")
    reply = post(INCOMING, {"MessageSid": "SM9", "From": "+12015550123", "To": "+15005550006", "Body": "Stop"})
    assert ("<Message>" in reply.content.decode(), Suppression.objects.count()) == (False, 1)


def test_a_message_to_another_number_of_the_same_twilio_account_is_not_ours(account: Account):
    somebody(account, mobile_number="+12015550123")
    post(INCOMING, {"MessageSid": "SM9", "From": "+12015550123", "To": "+15005559999", "Body": "Stop"})
    assert (Suppression.objects.count(), SmsReply.objects.count()) == (0, 0)


@pytest.mark.parametrize("form", [{}, {"MessageSid": ""}, {"MessageSid": "x" * 400, "MessageStatus": "sent"}])
def test_what_is_signed_but_no_callback_is_a_400(form: dict[str, str]):
    assert post(f"/hooks/twilio/hub/status/{uuid4()}", form).status_code == 400


def test_only_post_and_only_where_twilio_serves(settings: Settings):
    assert Client().get(INCOMING).status_code == 405
    assert post("/hooks/twilio/nobody/incoming", {}).status_code == 404
    settings.SMS_PROVIDER_URL = "outbox://"
    assert post(INCOMING, {}).status_code == 404
