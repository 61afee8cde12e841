"""kill -9 at every named point: nothing is sent twice, nothing is lost, and what is unknown is said to be.

The short form; reps are few, but every window is hit on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest

from accounts.models import Account
from campaigns import failpoints
from tests.faults.harness import CALM, ROUGH, due, herd, world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]

# A kill inside the COMMIT or the last transaction cannot be aimed: it comes within two milliseconds.
POINTS = [f"{name}:{'kill9_soon' if name.startswith('mid_') else 'kill9'}" for name in failpoints.NAMES]
ROUNDS = 2
EVERY_WINDOW = [-9] * len(POINTS)


@pytest.fixture(scope="module")
def senders(django_db_setup: None, django_db_blocker: Any) -> Iterator[Popen[str]]:
    with django_db_blocker.unblock(), herd() as started:
        yield started


def test_with_keys_every_message_is_accepted_exactly_once(account: Account, senders: Popen[str], tmp_path: Path):
    due(account, 40)
    with world(senders, tmp_path, keys=True, weights=ROUGH) as hub:
        for _ in range(ROUNDS):
            assert hub.run(POINTS) == EVERY_WINDOW
        assert hub.run(["", ""]) == [0, 0]
        found = hub.check()
    assert not found.broken, found
    assert found.unknown == 0
    assert found.ambiguous >= 10


def test_without_keys_nothing_is_sent_twice_and_every_gap_is_reported(
    account: Account, senders: Popen[str], tmp_path: Path
):
    due(account, 40)
    with world(senders, tmp_path, keys=False, weights=CALM) as hub:
        for _ in range(ROUNDS):
            assert hub.run(POINTS) == EVERY_WINDOW
        assert hub.run(["", ""]) == [0, 0]
        found = hub.check()
    assert not found.broken, found
    # At most the one call that each killed sender had in hand; those killed before their attempt had none.
    assert 0 < found.unknown <= ROUNDS * (len(POINTS) - 2)


SABOTAGE = {
    # Killed with the message at the provider: whoever says "never sent" sends it again.
    "reaper releases": (CALM, ["after_provider_accept:kill9"]),
    "library retries": ({"accept_500": 1.0}, []),
    # Killed on the way to the provider, with the message recorded as accepted.
    "finalise before send": (CALM, ["after_connect:kill9"]),
}


@pytest.mark.parametrize("sabotage", SABOTAGE)
def test_the_harness_notices_a_broken_sender(account: Account, senders: Popen[str], tmp_path: Path, sabotage: str):
    weights, points = SABOTAGE[sabotage]
    due(account, 6)
    with world(senders, tmp_path, keys=False, weights=weights, sabotage=sabotage) as hub:
        hub.run([*points, ""])
        assert hub.check().broken
