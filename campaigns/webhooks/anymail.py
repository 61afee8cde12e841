"""Events of any mail vendor that django-anymail knows: its views check and read them, we apply them.

Every vendor's webhook carries our secret as its address's user and password; where the vendor signs as well, anymail
checks that too.
"""

from __future__ import annotations

import hashlib
import re
from importlib import import_module
from typing import Any
from uuid import UUID

from anymail.exceptions import AnymailError, AnymailWebhookValidationFailure
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.http import HttpRequest, HttpResponse

from campaigns.domain import events, providers
from campaigns.domain.events import Event, Kind
from campaigns.providers.anymail import AnymailProvider
from campaigns.webhooks.gate import Forged, Unreadable, done, hook
from feedbackhub.errors import NotFound

KINDS = {
    EventType.QUEUED: Kind.ACCEPTED,
    EventType.SENT: Kind.ACCEPTED,
    EventType.DELIVERED: Kind.DELIVERED,
    EventType.COMPLAINED: Kind.COMPLAINED,
    EventType.UNSUBSCRIBED: Kind.UNSUBSCRIBED,
    EventType.OPENED: Kind.OPENED,
    EventType.FAILED: Kind.FAILED,
}
# Why a vendor did not even try: because of what it knows about the address.
REJECTED = {
    RejectReason.INVALID: Kind.HARD_BOUNCE,
    RejectReason.BOUNCED: Kind.HARD_BOUNCE,
    RejectReason.SPAM: Kind.COMPLAINED,
    RejectReason.UNSUBSCRIBED: Kind.UNSUBSCRIBED,
}
_SOFT = re.compile(
    r"\b4\.\d{1,3}\.\d{1,3}\b|\bsoft|\btransient|\btemporar|mailbox (?:is )?full|over quota", re.IGNORECASE
)


@hook
def reported(request: HttpRequest, code: str) -> HttpResponse:
    provider, _ = providers.called_back(code=code, channel="email")
    if not isinstance(provider, AnymailProvider) or not provider.hook_options.get("webhook_secret"):
        raise NotFound("No such provider.")
    for said in _events(request, provider):
        events.record(_event(provider, said, request.body))
    return done()


def _events(request: HttpRequest, provider: AnymailProvider) -> list[AnymailTrackingEvent]:
    """Checked and read. Raises Forged, Unreadable, NotFound."""
    view = _view(provider)
    try:
        view.run_validators(request)
        found = view.parse_events(request)
    except AnymailWebhookValidationFailure as error:
        raise Forged("secret or signature do not fit") from error
    except (AnymailError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise Unreadable(type(error).__name__) from error
    return [one for one in found if isinstance(one, AnymailTrackingEvent)]


def _view(provider: AnymailProvider) -> Any:
    try:
        module = import_module(f"anymail.webhooks.{provider.vendor}")
    except ModuleNotFoundError as error:
        raise NotFound("This vendor reports nothing.") from error
    names = [name for name in vars(module) if name.endswith(("TrackingWebhookView", "CombinedWebhookView"))]
    return getattr(module, names[0])(**provider.hook_options)


def _event(provider: AnymailProvider, said: AnymailTrackingEvent, body: bytes) -> Event:
    metadata = said.metadata if isinstance(said.metadata, dict) else {}
    words = (said.event_type, said.reject_reason, said.mta_response or said.description)
    ref = said.message_id if isinstance(said.message_id, str) else ""
    return Event(
        provider=provider.name,
        event_id=_id(said, ref, body),
        kind=_kind(said),
        attempt_id=_uuid(metadata.get("attempt")),
        ref=ref,
        detail=" ".join(str(word) for word in words if word),
        raw=_raw(said.esp_event),
    )


def _id(said: AnymailTrackingEvent, ref: str, body: bytes) -> str:
    """The vendor's own; for those that give none, what the event says and when."""
    if said.event_id:
        return str(said.event_id)
    at = said.timestamp.isoformat() if said.timestamp else hashlib.sha256(body).hexdigest()[:32]
    return f"{ref}:{said.event_type}:{at}:{said.recipient or ''}"


def _kind(said: AnymailTrackingEvent) -> Kind:
    if said.event_type == EventType.REJECTED:
        return REJECTED.get(said.reject_reason, Kind.FAILED)
    if said.event_type != EventType.BOUNCED:
        return KINDS.get(said.event_type, Kind.NOTED)
    # Vendors' reasons tell hard from soft only sometimes; the mail server's own words do.
    words = f"{said.mta_response or ''} {said.description or ''} {_type_of(said.esp_event)}"
    known_dead = said.reject_reason in (RejectReason.INVALID, RejectReason.BOUNCED)
    return Kind.HARD_BOUNCE if known_dead and not _SOFT.search(words) else Kind.SOFT_BOUNCE


def _type_of(raw: Any) -> str:
    """Postmark's Type, SendGrid's type and the like."""
    if not isinstance(raw, dict):
        return ""
    return " ".join(str(raw.get(name, "")) for name in ("Type", "type", "bounce_type", "bounce_class", "severity"))


def _raw(esp_event: Any) -> dict[str, Any]:
    """The vendor's own words, as far as they are plain."""
    if hasattr(esp_event, "dict"):
        esp_event = esp_event.dict()
    return esp_event if isinstance(esp_event, dict) else {}


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
