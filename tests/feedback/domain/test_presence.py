"""Who else has an item open."""

from __future__ import annotations

from typing import Any

import redis

from feedback.domain import presence
from feedback.domain.presence import Other
from tests.feedback.writing import item_from


def test_each_sees_the_others_and_not_themselves(account, alice, bob):
    item = item_from(account)
    assert presence.here(item=item, user=alice.user) == []
    assert presence.here(item=item, user=bob.user) == [Other("Alice", False)]
    assert presence.here(item=item, user=alice.user, replying=True) == [Other("Bob", False)]
    assert [other.told for other in presence.here(item=item, user=bob.user)] == [
        "Alice has this open and is writing a reply."
    ]


def test_another_item_is_another_place(account, alice, bob):
    presence.here(item=item_from(account), user=alice.user)
    assert presence.here(item=item_from(account), user=bob.user) == []


def test_who_leaves_or_falls_silent_is_gone(account, alice, bob, monkeypatch):
    item = item_from(account)
    presence.here(item=item, user=alice.user)
    presence.gone(item=item, user=alice.user)
    assert presence.here(item=item, user=bob.user) == []
    now = presence.time.time()
    monkeypatch.setattr(presence.time, "time", lambda: now + presence.LIFE_SECONDS + 1)
    assert presence.here(item=item, user=alice.user) == []


def test_without_a_cache_nobody_seems_to_be_there(account, alice, monkeypatch):
    class Broken:
        def pipeline(self, **_: Any) -> Any:
            raise redis.ConnectionError

        def hdel(self, *_: Any) -> None:
            raise redis.TimeoutError

    monkeypatch.setattr(presence, "_client", lambda url: Broken())
    item = item_from(account)
    assert presence.here(item=item, user=alice.user) == []
    presence.gone(item=item, user=alice.user)
