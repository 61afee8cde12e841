"""Either channel through a relay of one's own: JSON over HTTP with an Idempotency-Key (class A).

The relay answers 2xx with {"id": …} when it has taken the message, and gives the first answer again for a key it has
seen within the time it promises (`remembers`). It reports back to /hooks/relay/<code>, signed with `webhook_secret`.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property

import httpx2

from campaigns.providers import base, http_call
from campaigns.providers.base import Envelope, Outcome


class RelayProvider:
    name = "relay"

    def __init__(
        self,
        *,
        url: str,
        token: str,
        remembers: timedelta | None,
        sender: str = "",
        webhook_secret: str = "",
        guarded: bool = False,
    ) -> None:
        self.url = url
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.remembers = remembers
        self.sender = sender
        self.webhook_secret = webhook_secret
        self.guarded = guarded

    @cached_property
    def client(self) -> httpx2.Client:
        return http_call.client(guarded=self.guarded)

    def send(self, envelope: Envelope) -> Outcome:
        headers = {**self.headers, "Idempotency-Key": envelope.idem_key}
        reply = http_call.post(self.client, self.url, envelope=envelope, json=self._fields(envelope), headers=headers)
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

    def try_out(self) -> str:
        """What is wrong, or nothing: whether something answers there at all."""
        reply = http_call.get(self.client, self.url, headers=self.headers)
        if reply is None:
            return "Nothing answers at this address."
        return f"The relay answers {reply.status}." if reply.status in (401, 403) or reply.status >= 500 else ""

    def _fields(self, envelope: Envelope) -> dict[str, str]:
        """The same for the same message, whenever it is called."""
        fields = {
            "message_id": str(envelope.message_id),
            "attempt_id": str(envelope.attempt_id),
            "channel": envelope.channel,
            "to": envelope.to,
            "from_name": envelope.from_name,
            "reply_to": envelope.reply_to,
            "subject": envelope.subject,
            "text": envelope.text,
            "html": envelope.html,
            "unsubscribe_url": envelope.unsubscribe_url,
        }
        return {**fields, "from": self.sender} if self.sender else fields
