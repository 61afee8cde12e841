"""One run of the sender: look, lease, attempt, call, record, until nothing is due or the time is over."""

from __future__ import annotations

from time import monotonic

import structlog
from django.db import DatabaseError, connection

from campaigns import failpoints
from campaigns.domain.queries.lag import sender_lag
from campaigns.domain.sender import arming, attempt, claim, finish, lookup, reap
from campaigns.domain.sender.claim import Lease
from campaigns.providers import registry
from campaigns.providers.base import LooksUp, Outcome, Provider, Verdict
from feedbackhub.ids import uuid7

log = structlog.get_logger(__name__)

CHANNELS = ("email", "sms")
# What a message waits that stood behind one whose provider could not be reached.
DOWN_PAUSE_SECONDS = 5.0


def providers() -> dict[str, Provider]:
    """By channel. Raises registry.BadProviderURL."""
    return {channel: registry.for_channel(channel) for channel in CHANNELS}


def run(*, seconds: float = 20.0) -> int:
    """Works off what is due; how many calls were made. Safe to run any number of times at once."""
    if not arming.is_armed():
        log.error("sender disarmed", fix="This database was restored or copied: see `manage.py sender`.")
        return 0
    owner, end, calls, known = claim.new_owner(), monotonic() + seconds, 0, providers()
    names = [provider.name for provider in known.values() if provider.remembers]
    try:
        while monotonic() < end:
            leases = claim.due(owner=owner) or claim.repeatable(owner=owner, providers=names)
            if not leases:
                break
            made, healthy = _work(leases, known, end)
            calls += made
            if not healthy or made < len(leases):
                claim.release(owner=owner, pause_seconds=0 if healthy else DOWN_PAUSE_SECONDS)
            if not healthy:
                break
    finally:
        for provider in known.values():
            provider.close()
    return calls


def tidy() -> None:
    """What nobody holds any more is released, called unknown or ended; lost answers are asked for."""
    reap.reap()
    for provider in providers().values():
        if isinstance(provider, LooksUp):
            lookup.look_up(provider)
            provider.close()
    lag = sender_lag()
    if lag.stuck:
        log.error("sender stuck", due=lag.due, oldest_seconds=lag.oldest_seconds, idle_seconds=lag.idle_seconds)


def _work(leases: list[Lease], known: dict[str, Provider], end: float) -> tuple[int, bool]:
    """How many calls were made, and whether the providers could be reached."""
    calls = 0
    for lease in leases:
        if monotonic() >= end:
            break
        outcome = send(lease=lease, provider=known[lease.channel])
        calls += outcome is not None
        if outcome is not None and outcome.provider_down:
            return calls, False
    return calls, True


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
