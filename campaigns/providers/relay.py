"""Either channel through a relay of one's own: JSON over HTTP with an Idempotency-Key (class A).

The relay answers 2xx with {"id": …} when it has taken the message, and gives the first answer again for a key it has
seen within the time it promises (`remembers`).
"""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property

import httpx2

from campaigns.providers import base, http_call
from campaigns.providers.base import Envelope, Outcome


class RelayProvider:
    name = "relay"

    def __init__(self, *, url: str, token: str, remembers: timedelta | None) -> None:
        self.url = url
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.remembers = remembers

    @cached_property
    def client(self) -> httpx2.Client:
        return http_call.client()

    def send(self, envelope: Envelope) -> Outcome:
        headers = {**self.headers, "Idempotency-Key": envelope.idem_key}
        reply = http_call.post(self.client, self.url, envelope=envelope, json=_fields(envelope), headers=headers)
        if isinstance(reply, Outcome):
            return reply
        refusal = http_call.classify(reply)
        if refusal is not None:
            return refusal
        ref = reply.json().get("id")
        if not isinstance(ref, str) or not ref:
            return base.unknown("the answer has no id", status=reply.status)
        return base.accepted(ref, status=reply.status)

    def close(self) -> None:
        if "client" in self.__dict__:
            self.client.close()
            del self.client


def _fields(envelope: Envelope) -> dict[str, str]:
    """The same for the same message, whenever it is called."""
    return {
        "message_id": str(envelope.message_id),
        "channel": envelope.channel,
        "to": envelope.to,
        "from_name": envelope.from_name,
        "reply_to": envelope.reply_to,
        "subject": envelope.subject,
        "text": envelope.text,
        "html": envelope.html,
        "unsubscribe_url": envelope.unsubscribe_url,
    }
