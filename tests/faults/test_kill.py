"""kill -9 at every named point: nothing is sent twice, nothing is lost, and what is unknown is said to be.

The short form; reps are few, but every window is hit on purpose. FAULT_ROUNDS makes it long.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
from django.db import connection

from accounts.models import Account
from campaigns import failpoints
from campaigns.models import Message, SendAttempt
from tests.faults.harness import CALM, ROUGH, Findings, due, herd, world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]

# A kill inside the COMMIT or the last transaction cannot be aimed: it comes within two milliseconds.
POINTS = [f"{name}:{'kill9_soon' if name.startswith('mid_') else 'kill9'}" for name in failpoints.NAMES]
# The long form: FAULT_ROUNDS=50 ./test tests/faults -n 0 -s
ROUNDS = int(os.environ.get("FAULT_ROUNDS", "1"))
MESSAGES = 24 * ROUNDS
EVERY_WINDOW = [-9] * len(POINTS)


@pytest.fixture(scope="module")
def senders(django_db_setup: None, django_db_blocker: Any) -> Iterator[Popen[str]]:
    with django_db_blocker.unblock(), herd() as started:
        yield started


def told(what: str, found: Findings) -> None:
    """The figures; -s shows them."""
    kills = ROUNDS * len(POINTS)
    print(
        f"\n{what}: {MESSAGES} due, {kills} kills, {found.ambiguous} answers that prove nothing: "
        f"{len(found.duplicates)} sent twice, {len(found.lost)} lost, {len(found.unexpected)} unexpected, "
        f"{len(found.unfinished)} unfinished, {found.unknown} reported as unknown"
    )


def test_with_keys_every_message_is_accepted_exactly_once(account: Account, senders: Popen[str], tmp_path: Path):
    due(account, MESSAGES)
    with world(senders, tmp_path, keys=True, weights=ROUGH) as hub:
        for _ in range(ROUNDS):
            assert hub.run(POINTS) == EVERY_WINDOW
        assert hub.run(["", ""]) == [0, 0]
        found = hub.check()
    told("with keys", found)
    assert not found.broken, found
    assert found.unknown == 0
    # Enough of them that repeating was put to the test.
    assert found.ambiguous >= 5 * ROUNDS


def test_without_keys_nothing_is_sent_twice_and_every_gap_is_reported(
    account: Account, senders: Popen[str], tmp_path: Path
):
    due(account, MESSAGES)
    with world(senders, tmp_path, keys=False, weights=CALM) as hub:
        for _ in range(ROUNDS):
            assert hub.run(POINTS) == EVERY_WINDOW
        assert hub.run(["", ""]) == [0, 0]
        found = hub.check()
    told("without keys", found)
    assert not found.broken, found
    # At most the one call that each killed sender had in hand; those killed before their attempt had none.
    assert 0 < found.unknown <= ROUNDS * (len(POINTS) - 2)


INDEX = """CREATE UNIQUE INDEX one_live_attempt ON campaigns_sendattempt (message_id)
WHERE outcome IN ('started', 'unknown', 'accepted')"""

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


def test_without_compare_and_set_the_index_stops_a_second_send_and_without_it_nothing_does(
    account: Account, senders: Popen[str], tmp_path: Path
):
    """The last two sabotaged builds. Messages get stuck in the first; the second sends twice."""
    found = {}
    for build in ("compare-and-set", "one_live_attempt"):
        # More than both lease at once: what was sent is leased anew only beside what still waits.
        due(account, 15)
        (folder := tmp_path / build).mkdir()
        with world(senders, folder, keys=False, weights=CALM, sabotage="no compare-and-set") as hub:
            hub.run(["", ""], seconds=1.5)
            found[build] = hub.check()
        SendAttempt.objects.all().delete()
        Message.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute("DROP INDEX one_live_attempt" if build == "compare-and-set" else INDEX)
    assert (found["compare-and-set"].broken, found["compare-and-set"].duplicates) == (True, [])
    assert found["one_live_attempt"].duplicates
