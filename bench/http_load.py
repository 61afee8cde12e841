"""Calls over HTTP from one process: so many connections, each with one call at a time, for so many seconds.

Written on bare transports because a client of the usual kind would need more of the machine than the hub does.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

HEAD_END = b"\r\n\r\n"


@dataclass
class Outcome:
    """What came of a load; `seconds` of each call in the order in which the answers came."""

    wall: float = 0.0
    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    last: bytes = b""

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.wall

    def percentile(self, share: float) -> float:
        """Milliseconds that `share` of the calls took at most."""
        ordered = sorted(self.seconds)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000


def request(method: str, path: str, *, secret: str, body: bytes = b"", media_type: str = "application/json") -> bytes:
    """A whole HTTP/1.1 request."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {secret}\r\n"
    if body:
        head += f"Content-Type: {media_type}\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


class _Caller(asyncio.Protocol):
    def __init__(
        self, following: Callable[[], bytes], outcome: Outcome, until: float, done: asyncio.Future[None]
    ) -> None:
        self.following, self.outcome, self.until, self.done = following, outcome, until, done
        self.buffer = b""
        self.started = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        self.started = time.perf_counter()
        self.transport.write(self.following())  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, body = self.buffer.partition(HEAD_END)
        if not found or not _whole(head, body):
            return
        self.outcome.seconds.append(time.perf_counter() - self.started)
        self.outcome.statuses[int(head[9:12])] += 1
        self.outcome.last = _joined(head, body)
        self.buffer = b""
        if time.perf_counter() < self.until:
            self.ask()
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


def _whole(head: bytes, body: bytes) -> bool:
    """Whether an answer has arrived: all of its length, or the last of its chunks."""
    fields = head.lower()
    at = fields.find(b"content-length:")
    if at >= 0:
        return len(body) >= int(fields[at + 15 :].split(b"\r\n", 1)[0])
    return b"transfer-encoding: chunked" not in fields or body.endswith(b"0\r\n\r\n")


def _joined(head: bytes, body: bytes) -> bytes:
    """The body without the lengths of its chunks."""
    if b"transfer-encoding: chunked" not in head.lower():
        return body
    joined, rest = b"", body
    while length := int(rest.partition(b"\r\n")[0] or b"0", 16):
        _, _, rest = rest.partition(b"\r\n")
        joined, rest = joined + rest[:length], rest[length + 2 :]
    return joined


def load(port: int, following: Callable[[], bytes], *, connections: int, seconds: float) -> Outcome:
    """Call until the time is over, each connection once at least; `following` gives each call's bytes."""
    outcome = Outcome()

    async def run() -> None:
        loop = asyncio.get_running_loop()
        started = time.perf_counter()
        ends = []
        for _ in range(connections):
            done: asyncio.Future[None] = loop.create_future()
            await loop.create_connection(
                lambda done=done: _Caller(following, outcome, started + seconds, done), "127.0.0.1", port
            )
            ends.append(done)
        await asyncio.gather(*ends)
        outcome.wall = time.perf_counter() - started

    asyncio.run(run())
    return outcome
