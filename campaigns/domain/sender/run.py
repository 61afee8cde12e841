"""One run of the sender: look, lease, attempt, call, record, until nothing is due or the time is over."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic

import structlog
from django.db import DatabaseError, connection

from campaigns import failpoints
from campaigns.domain import events, providers
from campaigns.domain.queries.lag import sender_lag
from campaigns.domain.sender import arming, attempt, claim, finish, lookup, reap
from campaigns.domain.sender.claim import Lease
from campaigns.providers import registry
from campaigns.providers.base import LooksUp, Outcome, Provider, Verdict
from feedbackhub.ids import uuid7

log = structlog.get_logger(__name__)

# What a message waits whose provider gave up on the one before it.
DOWN_PAUSE_SECONDS = 5.0
# So many answers in a row that prove nothing: the provider is ill, and each further call may be one more message
# whose fate nobody knows.
UNKNOWN_IN_A_ROW = 3


@dataclass
class Ways:
    """The hub's providers by channel, the accounts' own, and which of them this run has given up."""

    hub: dict[str, Provider]
    own: dict[tuple[int, str], Provider] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)

    def of(self, lease: Lease) -> tuple[str, Provider]:
        """The way's name, and the provider."""
        own = self.own.get((lease.account_id, lease.channel))
        if own is None:
            return claim.way(lease.channel), self.hub[lease.channel]
        return claim.way(lease.channel, own.name.rpartition("@")[2]), own

    @property
    def repeating(self) -> list[str]:
        """Names of the providers that know a call they have seen."""
        hub = [one.name for channel, one in self.hub.items() if one.remembers and claim.way(channel) not in self.down]
        down = {way.partition(":")[2] for way in self.down}
        return hub + [
            one.name for one in self.own.values() if one.remembers and one.name.rpartition("@")[2] not in down
        ]

    def note(self, way: str, outcome: Outcome) -> None:
        self.unknown[way] = self.unknown.get(way, 0) + 1 if outcome.verdict == Verdict.UNKNOWN else 0
        if outcome.provider_down or self.unknown[way] >= UNKNOWN_IN_A_ROW:
            self.down.add(way)

    def close(self) -> None:
        for provider in (*self.hub.values(), *self.own.values()):
            provider.close()


def hub_providers() -> dict[str, Provider]:
    """By channel. Raises registry.BadProviderURL."""
    return {channel: registry.for_channel(channel) for channel in claim.CHANNELS}


def run(*, seconds: float = 20.0) -> int:
    """Works off what is due; how many calls were made. Safe to run any number of times at once."""
    if not arming.is_armed():
        log.error("sender disarmed", fix="This database was restored or copied: see `manage.py sender`.")
        return 0
    owner, end, calls = claim.new_owner(), monotonic() + seconds, 0
    ways = Ways(hub_providers(), providers.own_providers())
    try:
        while monotonic() < end:
            down = sorted(ways.down)
            leases = claim.due(owner=owner, down=down) or claim.repeatable(owner=owner, providers=ways.repeating)
            if not leases:
                break
            made = _work(leases, ways, end)
            calls += made
            if made < len(leases):
                claim.release(owner=owner, pause_seconds=DOWN_PAUSE_SECONDS if ways.down else 0)
    finally:
        ways.close()
    return calls


def tidy() -> None:
    """What nobody holds any more is released, called unknown or ended; lost answers are asked for."""
    reap.reap()
    for provider in (*hub_providers().values(), *providers.own_providers().values()):
        if isinstance(provider, LooksUp):
            lookup.look_up(provider)
            provider.close()
    events.catch_up()
    lag = sender_lag()
    if lag.stuck:
        log.error("sender stuck", due=lag.due, oldest_seconds=lag.oldest_seconds, idle_seconds=lag.idle_seconds)


def _work(leases: list[Lease], ways: Ways, end: float) -> int:
    """How many calls were made; a way that is given up is left out, the others go on."""
    calls = 0
    for lease in leases:
        if monotonic() >= end:
            break
        way, provider = ways.of(lease)
        if way in ways.down:
            continue
        outcome = send(lease=lease, provider=provider)
        if outcome is not None:
            calls += 1
            ways.note(way, outcome)
    return calls


def send(*, lease: Lease, provider: Provider) -> Outcome | None:
    """One leased message; None when no call was permitted."""
    grant = _granted(lease, provider)
    if grant is None:
        return None
    outcome = provider.send(grant.envelope)
    failpoints.hit("after_answer")
    finish.record(grant=grant, outcome=outcome)
    if outcome.verdict != Verdict.ACCEPTED:
        log.warning("message not accepted", message=str(lease.message_id), verdict=outcome.verdict, error=outcome.error)
    return outcome


def _granted(lease: Lease, provider: Provider) -> attempt.Grant | None:
    attempt_id = uuid7()
    try:
        return attempt.begin(lease=lease, provider=provider, attempt_id=attempt_id)
    except DatabaseError as error:
        # The COMMIT may have happened. We know that we did not call, so we may say so; if that fails as well, the
        # reaper will call it unknown.
        log.warning("attempt in doubt", message=str(lease.message_id), error=type(error).__name__)
        connection.close()
        finish.take_back(attempt_id=attempt_id, owner=lease.owner)
        return None
