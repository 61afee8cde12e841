"""An envelope to hand to a provider."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from campaigns.providers.base import Envelope

MESSAGE = UUID("0199e4a0-0000-7000-8000-000000000001")
ATTEMPT = UUID("0199e4a0-0000-7000-8000-000000000002")


def mail(**fields: Any) -> Envelope:
    given: dict[str, Any] = {
        "channel": "email",
        "to": "jane@example.com",
        "subject": "How was it?",
        "text": "Tell us: https://hub.example.com/f/x",
        "html": "<p>Tell us</p>",
        "idem_key": f"{MESSAGE}:1",
        "message_id": MESSAGE,
        "attempt_id": ATTEMPT,
        "account_id": 1,
        "from_name": "Alice's Bakery",
        "reply_to": "alice@example.com",
        "unsubscribe_url": "https://hub.example.com/u/token",
        "list_name": "Alice's Bakery",
        "list_code": "AbC123",
    }
    return Envelope(**{**given, **fields})


def sms(**fields: Any) -> Envelope:
    return mail(**{"channel": "sms", "to": "+12015550123", "subject": "", "html": "", **fields})


def late(envelope: Envelope) -> Envelope:
    """As if its sender had been asleep since the commit."""
    object.__setattr__(envelope, "committed_at", envelope.committed_at - 100)
    return envelope
