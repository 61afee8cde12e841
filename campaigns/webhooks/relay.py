"""A relay of one's own reports by Standard Webhooks: signed over id, time and the raw body.

`{"type": "delivered", "attempt_id": "…"}`; or `message.incoming` with `from`, `to` and `text`, whose answer may hold
`{"reply": "…"}`: what to send back, as the one confirmation that is allowed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse

from accounts.models import Account
from campaigns.domain import events, providers, sms_replies
from campaigns.domain.events import Event, Kind
from campaigns.domain.sms_replies import Incoming
from campaigns.providers.relay import RelayProvider
from campaigns.webhooks.gate import Forged, Unreadable, done, hook
from crm.domain import phones
from feedbackhub.errors import Invalid, NotFound

FRESH_SECONDS = 300
INCOMING = "message.incoming"


@hook
def reported(request: HttpRequest, code: str, channel: str) -> HttpResponse:
    provider, owner = providers.called_back(code=code, channel=channel)
    if not isinstance(provider, RelayProvider) or not provider.webhook_secret:
        raise NotFound("No such provider.")
    id = _check(request, provider.webhook_secret)
    said = _object(request.body)
    if said.get("type") == INCOMING and channel == "sms":
        return _incoming(provider, owner, id, said)
    events.record(
        Event(
            provider=provider.name,
            event_id=id,
            kind=_kind(said.get("type")),
            attempt_id=_uuid(said.get("attempt_id")),
            ref=str(said.get("id") or ""),
            detail=str(said.get("detail") or ""),
            raw=said,
        )
    )
    return done()


def signature(*, secret: str, id: str, timestamp: str, body: bytes) -> str:
    """As https://www.standardwebhooks.com has it: `whsec_` and base64, or any other text as it is."""
    key = base64.b64decode(secret.removeprefix("whsec_")) if secret.startswith("whsec_") else secret.encode()
    digest = hmac.new(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def _check(request: HttpRequest, secret: str) -> str:
    """The event's id."""
    id, timestamp = request.headers.get("webhook-id", ""), request.headers.get("webhook-timestamp", "")
    if not 0 < len(id) <= 150 or not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise Forged("no id or time")
    expected = signature(secret=secret, id=id, timestamp=timestamp, body=request.body).encode()
    given = request.headers.get("webhook-signature", "").encode().split()
    if not any(hmac.compare_digest(expected, one) for one in given):
        raise Forged("the signature does not fit")
    if abs(time.time() - int(timestamp)) > FRESH_SECONDS:
        raise Forged("too old or from the future")
    return id


def _incoming(provider: RelayProvider, owner: Account | None, id: str, said: dict[str, Any]) -> HttpResponse:
    try:
        address = phones.parse(str(said.get("from") or ""))
    except Invalid as error:
        raise Unreadable("from") from error
    reply = sms_replies.receive(
        Incoming(
            provider=provider.name,
            event_id=id,
            sender=provider.sender or provider.name,
            address=address,
            text=str(said.get("text") or "").replace("\0", ""),
            owner=owner,
            raw=said,
        )
    )
    return JsonResponse({"reply": reply})


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable("no JSON") from error
    if not isinstance(found, dict) or b"\\u0000" in body:
        raise Unreadable("no object")
    return found


def _kind(said: Any) -> Kind:
    try:
        return Kind(str(said))
    except ValueError:
        return Kind.NOTED


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
