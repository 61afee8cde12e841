"""Twilio: what became of a message, and what people write back.

Signed over our public address and the form (https://www.twilio.com/docs/usage/security); the addresses hold a code
that names whose token signs.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.html import escape

from accounts.models import Account
from campaigns.domain import events, providers, sms_replies
from campaigns.domain.events import Event, Kind
from campaigns.domain.sms_replies import Incoming
from campaigns.providers.twilio import DEAD, STOPPED, TwilioProvider
from campaigns.webhooks.gate import Forged, Unreadable, done, hook
from feedbackhub.errors import NotFound

KINDS = {
    "accepted": Kind.ACCEPTED,
    "scheduled": Kind.ACCEPTED,
    "queued": Kind.ACCEPTED,
    "sending": Kind.ACCEPTED,
    "sent": Kind.ACCEPTED,
    "delivered": Kind.DELIVERED,
    "read": Kind.DELIVERED,
    "undelivered": Kind.FAILED,
    "failed": Kind.FAILED,
    "canceled": Kind.FAILED,
}
# Unknown or landline numbers, in addition to those that are refused at once.
GONE = DEAD | {30005, 30006}
LENGTH = 300


@hook
def status(request: HttpRequest, code: str, attempt: UUID) -> HttpResponse:
    provider, _ = _provider(request, code)
    form = request.POST
    sid, said = _one(form, "MessageSid"), _one(form, "MessageStatus")
    error = form.get("ErrorCode", "")
    events.record(
        Event(
            provider=provider.name,
            # A status is reached once: Twilio gives its callbacks no ids.
            event_id=f"{sid}:{said}",
            kind=_kind(said, int(error) if error.isascii() and error.isdigit() else 0),
            attempt_id=attempt,
            ref=sid,
            detail=f"{said} {error} {form.get('ErrorMessage', '')}".strip(),
            raw=_raw(form),
        )
    )
    return done()


@hook
def incoming(request: HttpRequest, code: str) -> HttpResponse:
    provider, owner = _provider(request, code)
    form = request.POST
    to, service = _one(form, "To"), form.get("MessagingServiceSid", "")
    if provider.sender not in (to, service):
        # One Twilio account may have many numbers; this one is not ours to answer for.
        return _twiml("")
    said = sms_replies.receive(
        Incoming(
            provider=provider.name,
            event_id=f"{_one(form, 'MessageSid')}:incoming",
            sender=provider.sender,
            address=_one(form, "From"),
            text=form.get("Body", ""),
            owner=owner,
            raw=_raw(form),
        )
    )
    # Twilio confirms STOP, START and HELP by itself unless it was told not to.
    return _twiml(said if provider.confirms else "")


def signature(*, token: str, url: str, form: QueryDict) -> str:
    """HMAC-SHA1 of the address and every field, sorted by name; of a name's several values each once, sorted."""
    fields = "".join(f"{name}{value}" for name in sorted(form) for value in sorted(set(form.getlist(name))))
    digest = hmac.new(token.encode(), (url + fields).encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def _provider(request: HttpRequest, code: str) -> tuple[TwilioProvider, Account | None]:
    provider, owner = providers.called_back(code=code, channel="sms")
    if not isinstance(provider, TwilioProvider):
        raise NotFound("No such provider.")
    _check(request, provider.auth[1])
    return provider, owner


def _check(request: HttpRequest, token: str) -> None:
    given = request.headers.get("X-Twilio-Signature", "").encode()
    # The address as Twilio was told it, whatever the proxy in front calls us by.
    expected = signature(token=token, url=f"{settings.BASE_URL}{request.get_full_path()}", form=request.POST)
    if not hmac.compare_digest(expected.encode(), given):
        raise Forged("the signature does not fit")


def _kind(said: str, error: int) -> Kind:
    kind = KINDS.get(said, Kind.NOTED)
    if kind != Kind.FAILED:
        return kind
    if error in STOPPED:
        return Kind.STOPPED
    return Kind.HARD_BOUNCE if error in GONE else Kind.FAILED


def _one(form: QueryDict, name: str) -> str:
    value = form.get(name, "").strip()
    if not value or len(value) > LENGTH or "\0" in value:
        raise Unreadable(f"lacks {name}")
    return value


def _raw(form: QueryDict) -> dict[str, Any]:
    return {name[:100]: (form.get(name) or "")[:2000].replace("\0", "") for name in list(form)[:60]}


def _twiml(text: str) -> HttpResponse:
    message = f"<Message>{escape(text)}</Message>" if text else ""
    body = f'<?xml version="1.0" encoding="UTF-8"?><Response>{message}</Response>'
    return HttpResponse(body, content_type="text/xml")
