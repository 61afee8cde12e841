"""Events of mail vendors by way of anymail, and of one's own relay."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Account
from campaigns.models import ProviderEvent, SmsReply
from campaigns.webhooks.relay import signature
from crm.models import Suppression
from tests.campaigns.asking import ask, somebody
from tests.campaigns.sent import sent, state_of

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "events:0123456789abcdef0123456789"


@pytest.fixture
def postmark(settings: Settings) -> None:
    settings.EMAIL_PROVIDER_URL = f"anymail://postmark?server_token=t&webhook_secret={SECRET}"


def post(said: Any, secret: str = SECRET) -> int:
    body = said if isinstance(said, str) else json.dumps(said)
    headers = {"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()}
    reply = Client(enforce_csrf_checks=True).post(
        "/hooks/mail/hub", body, content_type="application/json", headers=headers
    )
    return reply.status_code


def told(kind: str, attempt: Any = "", **more: Any) -> dict[str, Any]:
    return {
        "RecordType": kind,
        "MessageID": "pm-1",
        "Metadata": {"attempt": str(attempt)},
        "Recipient": "j@x.example",
        **more,
    }


@pytest.mark.usefixtures("postmark")
class TestAVendor:
    def test_a_delivery_is_applied_once(self, account: Account):
        row = sent(account, "email", provider="anymail.postmark", ref="pm-1")
        said = told("Delivery", row.pk, DeliveredAt="2026-11-05T16:33:54Z")
        assert (post(said), post(said)) == (200 + 4, 204)
        assert (state_of(row), ProviderEvent.objects.count()) == ("delivered", 1)

    @pytest.mark.parametrize(
        ("more", "state", "reason"),
        [
            ({"Type": "HardBounce", "Details": "550 5.1.1 unknown"}, "bounced", "hard_bounce"),
            ({"Type": "SoftBounce", "Details": "452 4.2.2 full"}, "bounced", ""),
            ({"Type": "Transient"}, "accepted", ""),
            ({"Type": "BadEmailAddress"}, "bounced", "hard_bounce"),
            ({"Type": "Something new"}, "bounced", ""),
        ],
    )
    def test_a_bounce_is_hard_or_soft(self, account: Account, more: dict[str, Any], state: str, reason: str):
        row = sent(account, "email", provider="anymail.postmark", ref="pm-1")
        assert post(told("Bounce", row.pk, ID=7, BouncedAt="2026-11-05T16:33:54Z", **more)) == 204
        assert (state_of(row), "".join(Suppression.objects.values_list("reason", flat=True))) == (state, reason)

    def test_a_message_is_also_found_by_the_vendor_s_name_of_it(self, account: Account):
        row = sent(account, "email", provider="anymail.postmark", ref="pm-1")
        assert post(told("SpamComplaint", "", Type="SpamComplaint", BouncedAt="2026-11-05T16:33:54Z")) == 204
        assert (state_of(row), Suppression.objects.get().reason) == ("accepted", "complaint")

    @pytest.mark.parametrize("secret", ["", "events:wrong", "é:é"])
    def test_without_the_secret_nothing_is_believed(self, account: Account, secret: str):
        row = sent(account, "email", provider="anymail.postmark", ref="pm-1")
        assert post(told("Delivery", row.pk), secret=secret) == 403
        assert state_of(row) == "accepted"

    @pytest.mark.parametrize(
        "body", ["", "[]", "null", "{}", '{"RecordType": 5, "Metadata": 7}', '{"RecordType": "Bounce"}']
    )
    def test_junk_is_no_server_error(self, body: str):
        assert post(body) in (204, 400)


RELAY = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


def report(said: Any, *, id: str = "evt-1", at: int | None = None, secret: str = RELAY, channel: str = "sms") -> Any:
    body, timestamp = json.dumps(said).encode(), str(at or int(time.time()))
    headers = {
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": "v1,AAAA " + signature(secret=secret, id=id, timestamp=timestamp, body=body),
    }
    return Client().post(f"/hooks/relay/hub/{channel}", body, content_type="application/json", headers=headers)


class TestARelay:
    @pytest.fixture(autouse=True)
    def _relay(self, settings: Settings) -> None:
        settings.SMS_PROVIDER_URL = f"relay://t@127.0.0.1/send?from=%2B15005550006&webhook_secret={RELAY}"

    def test_it_reports_deliveries(self, account: Account):
        row = sent(account, "sms", provider="relay")
        said = {"type": "delivered", "attempt_id": str(row.pk)}
        assert (report(said).status_code, report(said).status_code, state_of(row)) == (204, 204, "delivered")
        assert ProviderEvent.objects.count() == 1

    def test_it_hands_on_what_people_write(self, account: Account):
        ask(account, "sms", customer=somebody(account, mobile_number="+12015550123"))
        reply = report({"type": "message.incoming", "from": "+1 201 555 0123", "text": "STOP"})
        assert reply.json()["reply"].startswith("Alice's Bakery: You are unsubscribed")
        assert (Suppression.objects.get().reason, SmsReply.objects.get().sender) == ("stop", "+15005550006")

    def test_old_forged_and_foreign_reports_are_refused(self, account: Account):
        row = sent(account, "sms", provider="relay")
        said = {"type": "failed", "attempt_id": str(row.pk)}
        assert report(said, at=int(time.time()) - 600).status_code == 403
        assert report(said, secret="another secret").status_code == 403
        assert report(said, id="").status_code == 403
        assert report(said, channel="email").status_code == 404
        assert state_of(row) == "accepted"

    @pytest.mark.parametrize("said", [[], "x", {"type": 7}, {"type": "message.incoming", "from": "nobody"}])
    def test_junk_is_no_server_error(self, said: Any):
        assert report(said).status_code in (204, 400)


@pytest.mark.parametrize("path", ["mail/%00", "sns/%00", "twilio/%00/incoming", "relay/%00/email", "relay/hub/%00"])
def test_a_code_that_cannot_be_stored_is_unknown(path: str):
    assert Client().post(f"/hooks/{path}", "{}", content_type="application/json").status_code == 404
