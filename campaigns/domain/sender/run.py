"""One run of the sender: look, lease, attempt, call, record, until nothing is due or the time is over."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic

import structlog
from django.db import DatabaseError, connection

from campaigns import failpoints
from campaigns.domain import events
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
class Channels:
    """The providers by channel, and which of them this run has given up."""

    providers: dict[str, Provider]
    unknown: dict[str, int] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)

    @property
    def up(self) -> list[str]:
        return [channel for channel in self.providers if channel not in self.down]

    @property
    def repeating(self) -> list[str]:
        """Names of the providers that know a call they have seen."""
        return [self.providers[channel].name for channel in self.up if self.providers[channel].remembers]

    def note(self, channel: str, outcome: Outcome) -> None:
        self.unknown[channel] = self.unknown.get(channel, 0) + 1 if outcome.verdict == Verdict.UNKNOWN else 0
        if outcome.provider_down or self.unknown[channel] >= UNKNOWN_IN_A_ROW:
            self.down.add(channel)

    def close(self) -> None:
        for provider in self.providers.values():
            provider.close()


def providers() -> dict[str, Provider]:
    """By channel. Raises registry.BadProviderURL."""
    return {channel: registry.for_channel(channel) for channel in claim.CHANNELS}


def run(*, seconds: float = 20.0) -> int:
    """Works off what is due; how many calls were made. Safe to run any number of times at once."""
    if not arming.is_armed():
        log.error("sender disarmed", fix="This database was restored or copied: see `manage.py sender`.")
        return 0
    owner, end, calls, channels = claim.new_owner(), monotonic() + seconds, 0, Channels(providers())
    try:
        while monotonic() < end:
            leases = claim.due(owner=owner, channels=channels.up) or claim.repeatable(
                owner=owner, channels=channels.up, providers=channels.repeating
            )
            if not leases:
                break
            made = _work(leases, channels, end)
            calls += made
            if made < len(leases):
                claim.release(owner=owner, pause_seconds=DOWN_PAUSE_SECONDS if channels.down else 0)
    finally:
        channels.close()
    return calls


def tidy() -> None:
    """What nobody holds any more is released, called unknown or ended; lost answers are asked for."""
    reap.reap()
    for provider in providers().values():
        if isinstance(provider, LooksUp):
            lookup.look_up(provider)
            provider.close()
    events.catch_up()
    lag = sender_lag()
    if lag.stuck:
        log.error("sender stuck", due=lag.due, oldest_seconds=lag.oldest_seconds, idle_seconds=lag.idle_seconds)


def _work(leases: list[Lease], channels: Channels, end: float) -> int:
    """How many calls were made; a channel that is given up is left out, the others go on."""
    calls = 0
    for lease in leases:
        if monotonic() >= end:
            break
        if lease.channel in channels.down:
            continue
        outcome = send(lease=lease, provider=channels.providers[lease.channel])
        if outcome is not None:
            calls += 1
            channels.note(lease.channel, outcome)
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
