"""Amazon's notifications: only of our topic, only signed by Amazon."""

from __future__ import annotations

import base64
import datetime
import json
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Account
from campaigns.models import FeedbackRequest, ProviderEvent
from campaigns.webhooks import sns
from crm.models import Suppression
from tests.campaigns.sent import sent, state_of

pytestmark = pytest.mark.django_db(transaction=True)

TOPIC = "arn:aws:sns:us-east-1:123456789012:mail"
CERTIFICATE = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123abc.pem"


class Amazon:
    """Signs with a key whose certificate it serves, and remembers what was fetched."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(65537, 2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
        now = datetime.datetime.now(datetime.UTC)
        made = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(1)
        made = made.public_key(self.key.public_key()).not_valid_before(now).not_valid_after(now)
        self.pem = made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        self.fetched: list[str] = []

    def fetch(self, url: str) -> bytes:
        self.fetched.append(url)
        return self.pem

    def signed(self, **fields: Any) -> dict[str, Any]:
        said = {
            "Type": "Notification",
            "MessageId": "n-1",
            "TopicArn": TOPIC,
            "Timestamp": timezone.now().strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "SignatureVersion": "2",
            "SigningCertURL": CERTIFICATE,
            **fields,
        }
        text = "".join(f"{name}\n{said[name]}\n" for name in sns.SIGNED[said["Type"]] if name in said)
        signature = self.key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return {**said, "Signature": base64.b64encode(signature).decode()}


@pytest.fixture(scope="module")
def keys() -> Amazon:
    return Amazon()


@pytest.fixture
def amazon(keys: Amazon, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Amazon:
    keys.fetched = []
    sns._certificates.clear()
    monkeypatch.setattr(sns, "fetch", keys.fetch)
    settings.EMAIL_PROVIDER_URL = f"smtp://email-smtp.us-east-1.amazonaws.com?sns_topic={TOPIC}"
    return keys


def post(said: Any) -> int:
    body = said if isinstance(said, str) else json.dumps(said)
    return Client(enforce_csrf_checks=True).post("/hooks/sns/hub", body, content_type="text/plain").status_code


def about(attempt: Any, kind: str, **more: Any) -> str:
    headers = [{"name": "Subject", "value": "Hi"}, {"name": "X-Feedback-Attempt", "value": str(attempt)}]
    return json.dumps({"eventType": kind, "mail": {"messageId": "ses-1", "headers": headers}, **more})


BOUNCE = {"bounceType": "Permanent", "bouncedRecipients": [{"diagnosticCode": "smtp; 550 5.1.1 unknown"}]}


def test_a_bounce_is_applied_once(account: Account, amazon: Amazon):
    row = sent(account, "email", provider="smtp")
    for _ in range(2):
        assert post(amazon.signed(Message=about(row.pk, "Bounce", bounce=BOUNCE))) == 204
    assert (state_of(row), Suppression.objects.get().reason) == ("bounced", "hard_bounce")
    assert FeedbackRequest.objects.get().bounce_reason == "Permanent smtp; 550 5.1.1 unknown"
    assert (ProviderEvent.objects.count(), amazon.fetched) == (1, [CERTIFICATE])
    # The mail's headers hold the person's address: they are not kept.
    assert "headers" not in ProviderEvent.objects.get().raw["mail"]


@pytest.mark.parametrize(
    ("kind", "more", "state", "reason"),
    [
        ("Delivery", {}, "delivered", ""),
        ("Complaint", {}, "accepted", "complaint"),
        ("Bounce", {"bounce": {"bounceType": "Transient"}}, "bounced", ""),
        ("Bounce", {"bounce": "odd"}, "bounced", ""),
        ("Click", {}, "accepted", ""),
        ("Something new", {}, "accepted", ""),
    ],
)
def test_every_kind_has_its_consequence(
    account: Account, amazon: Amazon, kind: str, more: dict[str, Any], state: str, reason: str
):
    row = sent(account, "email", provider="smtp")
    assert post(amazon.signed(Message=about(row.pk, kind, **more))) == 204
    assert (state_of(row), "".join(Suppression.objects.values_list("reason", flat=True))) == (state, reason)


def test_a_subscription_is_confirmed_at_amazon(amazon: Amazon):
    url = "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=t"
    confirmation = {"Type": "SubscriptionConfirmation", "Token": "t", "Message": "m"}
    assert post(amazon.signed(**confirmation, SubscribeURL=url)) == 204
    assert amazon.fetched == [CERTIFICATE, url]
    for elsewhere in ("https://evil.example/?Action=ConfirmSubscription", "http://sns.us-east-1.amazonaws.com/"):
        assert post(amazon.signed(**confirmation, SubscribeURL=elsewhere)) == 403
    assert amazon.fetched == [CERTIFICATE, url]


@pytest.mark.parametrize(
    "change",
    [
        {"Message": "{}"},
        {"Signature": "AAAA"},
        {"Signature": "not base64!"},
        {"SignatureVersion": "1"},
        {"TopicArn": TOPIC + "-other"},
        {"Type": "Other"},
        {"MessageId": "n-2"},
    ],
)
def test_what_was_changed_or_forged_is_refused(account: Account, amazon: Amazon, change: dict[str, str]):
    row = sent(account, "email", provider="smtp")
    assert post(amazon.signed(Message=about(row.pk, "Bounce", bounce=BOUNCE)) | change) == 403
    assert (state_of(row), ProviderEvent.objects.count()) == ("accepted", 0)


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.us-east-1.amazonaws.com/SimpleNotificationService-a.pem",
        "https://sns.us-east-1.amazonaws.com.evil.example/SimpleNotificationService-a.pem",
        "https://evil.example/SimpleNotificationService-a.pem",
        "https://sns.us-east-1.amazonaws.com@evil.example/SimpleNotificationService-a.pem",
        "https://sns.us-east-1.amazonaws.com:8443/SimpleNotificationService-a.pem",
        "https://sns.us-east-1.amazonaws.com/mine/SimpleNotificationService-a.pem",
        "https://s3.us-east-1.amazonaws.com/SimpleNotificationService-a.pem",
        "file:///etc/passwd",
    ],
)
def test_a_certificate_from_elsewhere_is_not_even_fetched(amazon: Amazon, url: str):
    assert post(amazon.signed(Message="{}", SigningCertURL=url)) == 403
    assert amazon.fetched == []


def test_yesterday_s_notification_is_refused(amazon: Amazon):
    assert post(amazon.signed(Message="{}", Timestamp="2026-01-01T00:00:00.000Z")) == 403


@pytest.mark.parametrize("body", ["", "[]", "null", "{", '{"TopicArn": 1}', "[" * 100_000])
def test_junk_is_refused(amazon: Amazon, body: str):
    assert post(body) in (400, 403)


def test_without_a_topic_nobody_listens(amazon: Amazon, settings: Settings):
    settings.EMAIL_PROVIDER_URL = "smtp://mail.example.com"
    assert post(amazon.signed(Message="{}")) == 404
