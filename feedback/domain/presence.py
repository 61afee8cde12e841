"""Who else has an item open: a hint for people, kept for seconds in the cache and nowhere else.

Nothing depends on it: what two people change at once is settled by the item's version (triage). Without a cache nobody
seems to be there.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

import redis
import structlog
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from accounts.models import User
from feedback.models import FeedbackItem

log = structlog.get_logger(__name__)

# A page says every 15 seconds that it is still there: one missed beat is forgiven.
LIFE_SECONDS = 35
TIMEOUT_SECONDS = 0.3


@dataclass(frozen=True)
class Other:
    """Somebody who has the item open; `replying`: they are typing a reply."""

    name: str
    replying: bool

    @property
    def told(self) -> str:
        return f"{self.name} has this open and is writing a reply." if self.replying else f"{self.name} has this open."


def here(*, item: FeedbackItem, user: User, replying: bool = False) -> list[Other]:
    """Say that the user has the item open, and hear who else has; by name."""
    key, now = _key(item), time.time()
    mine = json.dumps([str(user), now, replying])
    try:
        with _client(settings.CACHE_URL).pipeline(transaction=False) as pipeline:
            pipeline.hset(key, str(user.pk), mine)
            pipeline.expire(key, LIFE_SECONDS)
            pipeline.hgetall(key)
            found: dict[bytes, bytes] = pipeline.execute()[-1]
    except redis.RedisError as error:
        log.warning("presence.unavailable", error=type(error).__name__)
        return []
    rows = [json.loads(value) for user_id, value in found.items() if user_id != str(user.pk).encode()]
    return sorted((Other(name, busy) for name, at, busy in rows if at > now - LIFE_SECONDS), key=lambda one: one.name)


def gone(*, item: FeedbackItem, user: User) -> None:
    """The user has closed the item's page."""
    try:
        _client(settings.CACHE_URL).hdel(_key(item), str(user.pk))
    except redis.RedisError as error:
        log.warning("presence.unavailable", error=type(error).__name__)


def _key(item: FeedbackItem) -> str:
    # The account too, though no two accounts share an item's id.
    return f"hub:open:{item.account_id}:{item.pk}"


@cache
def _client(url: str) -> Any:
    return redis.Redis.from_url(
        url,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
    )
