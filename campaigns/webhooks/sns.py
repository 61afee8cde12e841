"""Amazon SES by SNS: signed by a certificate of Amazon's (version 2, SHA-256), from the one topic that was named.

Mail goes out by SMTP; the header that mime.py adds comes back in every event and says which attempt it is about.
"""

from __future__ import annotations

import base64
import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from campaigns.domain import events, providers
from campaigns.domain.events import Event, Kind
from campaigns.providers import http_call
from campaigns.providers.mime import ATTEMPT
from campaigns.providers.smtp import SmtpProvider
from campaigns.webhooks.gate import Forged, Unreadable, done, hook
from feedbackhub.errors import NotFound

# Amazon repeats for an hour.
FRESH = timedelta(hours=1)
HOST = re.compile(r"sns\.[a-z0-9-]{3,30}\.amazonaws\.com(\.cn)?", re.ASCII)
CERTIFICATE = re.compile(r"/SimpleNotificationService-[A-Za-z0-9]{1,100}\.pem", re.ASCII)
SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
# The words of SES, in event publishing (eventType) and in feedback notifications (notificationType).
KINDS = {
    "Send": Kind.ACCEPTED,
    "Delivery": Kind.DELIVERED,
    "Complaint": Kind.COMPLAINED,
    "Reject": Kind.FAILED,
    "Rendering Failure": Kind.FAILED,
    "Open": Kind.OPENED,
    "Subscription": Kind.UNSUBSCRIBED,
}
_certificates: dict[str, rsa.RSAPublicKey] = {}


@hook
def notified(request: HttpRequest, code: str) -> HttpResponse:
    provider, _ = providers.called_back(code=code, channel="email")
    if not isinstance(provider, SmtpProvider) or not provider.sns_topic:
        raise NotFound("No such provider.")
    said = _object(request.body)
    # Cheap first: nothing is fetched for a topic that is not ours.
    if said.get("TopicArn") != provider.sns_topic:
        raise Forged("another topic")
    _check(said)
    if said["Type"] == "SubscriptionConfirmation":
        _confirm(str(said.get("SubscribeURL", "")))
    elif said["Type"] == "Notification":
        _record(provider.name, said)
    return done()


def _object(body: bytes | str) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable("no JSON") from error
    if not isinstance(found, dict):
        raise Unreadable("no object")
    return found


def _check(said: dict[str, Any]) -> None:
    names = SIGNED.get(str(said.get("Type")))
    if names is None or said.get("SignatureVersion") != "2":
        raise Forged("not signed with version 2: set the topic's SignatureVersion to 2")
    text = "".join(f"{name}\n{said[name]}\n" for name in names if isinstance(said.get(name), str))
    try:
        signature = base64.b64decode(str(said.get("Signature", "")), validate=True)
        key = _key(str(said.get("SigningCertURL", "")))
        key.verify(signature, text.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (ValueError, InvalidSignature) as error:
        raise Forged("the signature does not fit") from error
    try:
        at = parse_datetime(str(said.get("Timestamp", "")))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or abs(timezone.now() - at) > FRESH:
        raise Forged("not of this hour")


def _key(url: str) -> rsa.RSAPublicKey:
    if url not in _certificates:
        parts = urlsplit(url)
        if not _is_amazons(url) or not CERTIFICATE.fullmatch(parts.path) or parts.query:
            raise Forged("a certificate from elsewhere")
        key = x509.load_pem_x509_certificate(fetch(url)).public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise Forged("no RSA certificate")
        if len(_certificates) > 50:
            _certificates.clear()
        _certificates[url] = key
    return _certificates[url]


def _is_amazons(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" and HOST.fullmatch(parts.netloc) is not None


def _confirm(url: str) -> None:
    """Whoever configured the topic's name here has agreed to it."""
    if not _is_amazons(url):
        raise Forged("a confirmation address from elsewhere")
    fetch(url)


def fetch(url: str) -> bytes:
    """From Amazon's own hosts only, without following redirects."""
    client = http_call.client(guarded=True)
    try:
        reply = http_call.get(client, url)
    finally:
        client.close()
    if reply is None or reply.status != 200:
        raise Unreadable("Amazon does not answer")
    return reply.body


def _record(provider: str, said: dict[str, Any]) -> None:
    about = _object(said.get("Message", ""))
    mail = about.get("mail")
    if not isinstance(mail, dict):
        # Such as the test message when the topic is set up.
        return
    kind, detail = _kind(about)
    events.record(
        Event(
            provider=provider,
            event_id=f"sns:{said.get('MessageId', '')}",
            kind=kind,
            attempt_id=_attempt(mail),
            ref="",
            detail=detail,
            raw={**about, "mail": {name: mail.get(name) for name in ("messageId", "timestamp", "tags")}},
        )
    )


def _kind(about: dict[str, Any]) -> tuple[Kind, str]:
    name = str(about.get("eventType") or about.get("notificationType") or "")
    if name != "Bounce":
        return KINDS.get(name, Kind.NOTED), name
    bounce = about.get("bounce")
    bounce = bounce if isinstance(bounce, dict) else {}
    people = bounce.get("bouncedRecipients")
    first = people[0] if isinstance(people, list) and people and isinstance(people[0], dict) else {}
    words = (bounce.get("bounceType"), bounce.get("bounceSubType"), first.get("diagnosticCode"))
    hard = bounce.get("bounceType") == "Permanent"
    return Kind.HARD_BOUNCE if hard else Kind.SOFT_BOUNCE, " ".join(str(word) for word in words if word)


def _attempt(mail: dict[str, Any]) -> UUID | None:
    headers = mail.get("headers")
    for header in headers if isinstance(headers, list) else ():
        if isinstance(header, dict) and str(header.get("name", "")).lower() == ATTEMPT.lower():
            try:
                return UUID(str(header.get("value")))
            except ValueError:
                return None
    return None
