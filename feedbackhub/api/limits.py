"""So many calls a minute for one key on one contract, counted in Redis or its stand-in for all processes together.

Without Redis the calls are let in under a limit of this process alone: ingest must not stop because a cache did.
"""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

import redis
import structlog
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from feedbackhub.api import gcra

log = structlog.get_logger(__name__)

TIMEOUT_SECONDS = 1
# So long nobody asks a Redis that did not answer.
BREAK_SECONDS = 5
LOCAL_COUNTERS = 10_000
CONNECTIONS = 16


@dataclass(frozen=True)
class Verdict:
    """`retry_after` is 0 for an allowed call; a limit of 0 is unlimited. Times are whole seconds, rounded up."""

    allowed: bool
    limit: int
    remaining: int = 0
    retry_after: int = 0
    reset: int = 0


UNLIMITED = Verdict(allowed=True, limit=0)


def take(name: str, limit: int) -> Verdict:
    """Count one call against `limit` a minute; a refused one is not counted."""
    if limit <= 0:
        return UNLIMITED
    outcome = _shared(name, limit) or _local.take(name, limit)
    return Verdict(
        allowed=outcome.allowed,
        limit=limit,
        remaining=max(outcome.remaining, 0),
        retry_after=0 if outcome.allowed else max(1, math.ceil(outcome.wait / gcra.SECOND)),
        reset=max(0, math.ceil(outcome.reset / gcra.SECOND)),
    )


def _shared(name: str, limit: int) -> gcra.Outcome | None:
    """Redis' answer, or None when it has none."""
    if not _breaker.closed():
        return None
    try:
        arguments = [limit, gcra.PERIOD, gcra.STEP, gcra.SLACK]
        allowed, *rest = _script()(keys=[f"hub:limit:{name}"], args=arguments)
    except redis.RedisError as error:
        _breaker.open()
        log.warning("limits.redis_unavailable", error=type(error).__name__, for_seconds=BREAK_SECONDS)
        return None
    return gcra.Outcome(bool(allowed), *rest)


def reset() -> None:
    """Forget this process' counters and what it knows of Redis."""
    _breaker.reset()
    _local.reset()
    _script_at.cache_clear()


def _script() -> Any:
    return _script_at(settings.CACHE_URL)


@cache
def _script_at(url: str) -> Any:
    # Few connections, so that a stampede of threads queues here and does not time out there. One repeat, and only for a
    # connection that Redis had closed: a time-out must not take twice as long.
    pool = redis.BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
    )
    client = redis.Redis(connection_pool=pool)
    return client.register_script(gcra.SCRIPT)


class _Breaker:
    """After a failure Redis is left alone for a moment, so that not every call waits for a time-out."""

    def __init__(self) -> None:
        self._until = 0.0

    def closed(self) -> bool:
        return time.monotonic() >= self._until

    def open(self) -> None:
        self._until = time.monotonic() + BREAK_SECONDS

    def reset(self) -> None:
        self._until = 0.0


class _LocalLimiter:
    """The same rule within one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: dict[str, gcra.State] = {}

    def reset(self) -> None:
        with self._lock:
            self._states.clear()

    def take(self, name: str, limit: int) -> gcra.Outcome:
        now = time.monotonic() * gcra.SECOND
        with self._lock:
            state = self._states.get(name)
            if state is not None and state.tat <= now:
                state = None
            following, outcome = gcra.decide(state, now=now, limit=limit)
            if len(self._states) >= LOCAL_COUNTERS:
                self._states.clear()
            if following is not None:
                self._states[name] = following
        return outcome


_breaker = _Breaker()
_local = _LocalLimiter()
