"""One HTTP call to a provider: no retry, no redirect, and always known whether a byte of it was written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

import httpx2

from campaigns import failpoints
from campaigns.providers import base
from campaigns.providers.base import Envelope, Outcome
from feedbackhub import guard

# From the first byte written to the last one read.
TOTAL_SECONDS = 20.0
MAX_REPLY_BYTES = 64 * 1024
MAX_LIST_BYTES = 2 * 1024 * 1024
_IDLE_SECONDS = 5.0


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body's object; empty when it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def retry_after(self) -> float:
        """Seconds; 0 when the provider does not say."""
        said = self.headers.get("retry-after", "")
        return float(min(int(said), 3600)) if said.isascii() and said.isdigit() else 0.0


class _TooLate(Exception):
    """The call was stopped before its first byte."""


def client(*, guarded: bool = False) -> httpx2.Client:
    """`guarded`: a tenant named the host, so it must be one of the open internet."""
    limits = httpx2.Limits(max_connections=4, keepalive_expiry=_IDLE_SECONDS)
    timeout = httpx2.Timeout(base.READ_SECONDS, connect=base.CONNECT_SECONDS, pool=base.CONNECT_SECONDS)
    transport = guard.transport(limits=limits) if guarded else httpx2.HTTPTransport(retries=0, limits=limits)
    return httpx2.Client(transport=transport, timeout=timeout, follow_redirects=False)


def post(client: httpx2.Client, url: str, *, envelope: Envelope, **request: Any) -> Reply | Outcome:
    """The reply, whatever its status; or `not_sent` or `unknown` when there is none.

    The connection is made first; then, before the first byte, the envelope's age decides whether the call still may
    be made.
    """
    written = False

    def trace(event: str, _info: Any) -> None:
        nonlocal written
        if event == "http11.send_request_headers.started":
            failpoints.hit("after_connect")
            if envelope.too_late():
                raise _TooLate
            written = True
        elif event == "http11.send_request_body.complete":
            failpoints.hit("after_write")

    try:
        with client.stream("POST", url, extensions={"trace": trace}, **request) as response:
            failpoints.hit("after_provider_accept")
            return Reply(response.status_code, response.headers, _read(response))
    except _TooLate:
        return base.not_sent("woke up too late")
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
        said = f"{type(error).__name__} {error}".strip()[:400]
        return base.unknown(said) if written else base.not_sent(said, provider_down=True)


def get(client: httpx2.Client, url: str, **request: Any) -> Reply | None:
    """Looks something up; None when there is no answer. Nothing depends on one."""
    try:
        with client.stream("GET", url, **request) as response:
            return Reply(response.status_code, response.headers, _read(response, MAX_LIST_BYTES))
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError):
        return None


def classify(reply: Reply) -> Outcome | None:
    """What a status alone says; None for 2xx, whose body counts."""
    said = f"{reply.status} {reply.body[:300].decode('utf-8', 'replace')}"
    if 200 <= reply.status < 300:
        return None
    if reply.status == 429:
        # Documented by both providers: nothing was queued.
        return base.refused_for_now(said, status=429, retry_after=reply.retry_after)
    if 400 <= reply.status < 500:
        return base.refused(said, status=reply.status)
    # A 5xx may come from a proxy after the provider had accepted; a redirect from anybody.
    return base.unknown(said, status=reply.status)


def _read(response: httpx2.Response, limit: int = MAX_REPLY_BYTES) -> bytes:
    """Bounded in size and time: a provider that drips its answer must not hold a sender."""
    end, read = monotonic() + TOTAL_SECONDS, bytearray()
    for chunk in response.iter_bytes():
        read += chunk
        if len(read) > limit or monotonic() > end:
            break
    return bytes(read[:limit])
