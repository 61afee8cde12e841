"""SMS through Twilio. It knows no idempotency key, but it lists what it took (class B)."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property

import httpx2

from campaigns.providers import base, http_call
from campaigns.providers.base import Envelope, Finding, Outcome

# https://www.twilio.com/docs/api/errors: the person sent STOP, which Twilio enforces by itself.
STOPPED = {21610}
# Not a number, not a mobile number, no route to it.
DEAD = {21211, 21214, 21217, 21614}


class TwilioProvider:
    """`sender` is a number in E.164 form or a messaging service (MG…); `callback` is where Twilio reports to, the
    attempt's id behind it. With `confirms` the hub answers STOP and HELP itself, because Twilio was told not to."""

    name = "twilio"
    remembers: timedelta | None = None

    def __init__(
        self,
        *,
        api: str,
        account_sid: str,
        token: str,
        sender: str,
        callback: str = "",
        confirms: bool = False,
        guarded: bool = False,
    ) -> None:
        self.account = f"{api}/2010-04-01/Accounts/{account_sid}"
        self.url = f"{self.account}/Messages.json"
        self.auth = (account_sid, token)
        self.sender = sender
        self.callback = callback
        self.confirms = confirms
        self.guarded = guarded

    @cached_property
    def client(self) -> httpx2.Client:
        return http_call.client(guarded=self.guarded)

    def send(self, envelope: Envelope) -> Outcome:
        reply = http_call.post(self.client, self.url, envelope=envelope, data=self._form(envelope), auth=self.auth)
        if isinstance(reply, Outcome):
            return reply
        refusal = http_call.classify(reply)
        if refusal is not None:
            return _with_finding(refusal, reply)
        ref = reply.json().get("sid")
        if not isinstance(ref, str) or not ref:
            return base.unknown("the answer has no sid", status=reply.status)
        return base.accepted(ref, status=reply.status)

    def look_up(self, *, to: str, text: str) -> Outcome | None:
        """Twilio lists what it took, newest first. Every text of ours holds a link that is in no other message."""
        query = {"To": to, "PageSize": "50"}
        reply = http_call.get(self.client, self.url, params=query, auth=self.auth)
        listed = reply.json().get("messages") if reply is not None and reply.status == 200 else None
        for one in listed if isinstance(listed, list) else ():
            # A trial account's messages have a line of Twilio's in front.
            if isinstance(one, dict) and one.get("to") == to and str(one.get("body", "")).endswith(text):
                return base.accepted(str(one.get("sid", "")))
        return None

    def try_out(self) -> str:
        """What is wrong with the account, or nothing; sends no message."""
        reply = http_call.get(self.client, f"{self.account}.json", auth=self.auth)
        if reply is None:
            return "Twilio does not answer."
        return "" if reply.status == 200 else f"Twilio answers {reply.status} {reply.json().get('message', '')}".strip()

    def close(self) -> None:
        if "client" in self.__dict__:
            self.client.close()
            del self.client

    def _form(self, envelope: Envelope) -> dict[str, str]:
        form = {"To": envelope.to, "Body": envelope.text}
        form["MessagingServiceSid" if self.sender.startswith("MG") else "From"] = self.sender
        if self.callback:
            form["StatusCallback"] = f"{self.callback}/{envelope.attempt_id}"
        return form


def _with_finding(refusal: Outcome, reply: http_call.Reply) -> Outcome:
    """Twilio names the cause by `code`; its message is for people."""
    code = reply.json().get("code")
    if refusal.verdict != base.Verdict.REJECTED or reply.status == 429:
        return refusal
    said = f"{reply.status} {code} {reply.json().get('message', '')}".strip()[:400]
    if code in STOPPED:
        return base.refused(said, status=reply.status, finding=Finding.STOP)
    return base.refused(said, status=reply.status, finding=Finding.SMS_FAILED if code in DEAD else None)
