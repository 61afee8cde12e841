"""The long run: what a sender must survive, at the size that is promised. Prints the figures and a verdict.

    .venv/bin/python -m tests.faults.long [--messages 10000] [--kills 50] [--only keys,plain,broker,quota]

Starts what it needs and removes it again, unless the environment names servers. docs/faults.md says what it shows.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from bench import scratch

if TYPE_CHECKING:
    from accounts.models import Account
    from tests.faults.harness import Findings, World

ROOT = Path(__file__).resolve().parents[2]
SENDERS = 4
# For the broker: each message takes the provider a tenth of a second, so that the work outlasts the fault.
SLOW = {"slow": 1.0}
BEFORE_SECONDS, AFTER_SECONDS = 20, 20
QUOTA, QUOTA_SENDERS, QUOTA_DUE = 100, 16, 1000
# Nothing that is due takes longer than this to come to an end once all is well again.
DRAIN_SECONDS = 900


@dataclass(frozen=True)
class Size:
    messages: int
    kills: int
    broker_seconds: int


def with_keys(senders: Popen[str], folder: Path, size: Size) -> bool:
    return _kills(senders, folder, size, keys=True)


def without_keys(senders: Popen[str], folder: Path, size: Size) -> bool:
    return _kills(senders, folder, size, keys=False)


def _kills(senders: Popen[str], folder: Path, size: Size, *, keys: bool) -> bool:
    """Random kill -9 spread over the whole work, with a provider that hangs, resets, refuses and lies."""
    from campaigns.domain.queries import ledger
    from tests.faults.harness import ROUGH, due_at_once, world

    due_at_once(_account(), size.messages)
    began = time.monotonic()
    with world(senders, folder, keys=keys, weights=ROUGH) as hub:
        killed = _besiege(hub, size)
        hub.run([""] * SENDERS, seconds=DRAIN_SECONDS)
        found, accepted = hub.check(), len(hub.accepted())
    listed = sum(count for (_, state), count in ledger.open_messages().items() if state in ledger.UNKNOWN)
    fine = not found.broken and listed == found.unknown and killed == size.kills
    if keys:
        fine = fine and (accepted, found.unknown) == (size.messages, 0)
    else:
        # No more than there were reasons for: an answer that proved nothing, or a kill.
        fine = fine and found.unknown <= found.ambiguous + killed
    _tell(
        f"{size.messages} due, keys {'on' if keys else 'off'}, {killed} random kill -9",
        f"{accepted} accepted, {_figures(found)}, {listed} unknown in the ledger's figures, "
        f"{found.ambiguous} answers that prove nothing, {time.monotonic() - began:.0f} s",
        fine,
    )
    return fine


def _besiege(hub: World, size: Size) -> int:
    """Start senders and kill them one by one, at even distances in the work and random moments within a call."""
    killed = 0
    while killed < size.kills:
        alive = hub.start([""] * SENDERS, seconds=DRAIN_SECONDS)
        while alive and killed < size.kills:
            goal = size.messages * 0.9 * (killed + 1) / (size.kills + 1)
            if not _wait(lambda goal=goal: len(hub.accepted()) >= goal or _finished()):  # type: ignore[misc]
                break
            time.sleep(random.uniform(0, 0.1))
            hub.kill([alive.pop(random.randrange(len(alive)))])
            killed += 1
        hub.kill(alive)
        killed += min(len(alive), size.kills - killed)
        hub.codes()
    return killed


def _finished() -> bool:
    from campaigns.models import Message

    return not Message.objects.filter(state__in=["scheduled", "leased"]).exists()


def broker_down(senders: Popen[str], folder: Path, size: Size) -> bool:
    """Celery's worker and beat as in ./run; their broker is killed, and comes back empty."""
    from tests.faults.harness import due_at_once, world

    rate = 2 / 0.1  # two processes of the worker, a tenth of a second each
    count = int(rate * (BEFORE_SECONDS + size.broker_seconds + AFTER_SECONDS))
    due_at_once(_account(), count)
    with world(senders, folder, keys=True, weights=SLOW) as hub, Broker(folder) as broker, _celery(folder, broker, hub):
        _wait(lambda: len(hub.accepted()) > 0)
        time.sleep(BEFORE_SECONDS)
        killed_at = time.time()
        broker.kill()
        time.sleep(size.broker_seconds)
        back_at = time.time()
        broker.start()
        drained = _wait(_finished)
        found, accepted = hub.check(), hub.accepted()
    before = sum(killed_at - BEFORE_SECONDS <= at < killed_at for at in accepted) / BEFORE_SECONDS
    meanwhile = sum(killed_at <= at < back_at for at in accepted) / size.broker_seconds
    first = next((at - back_at for at in accepted if at >= back_at), 0.0)
    fine = drained and not found.broken and found.unknown == 0 and len(accepted) == count
    _tell(
        f"{count} due, broker killed for {size.broker_seconds} s and back empty",
        f"{len(accepted)} accepted, {_figures(found)}; {before:.1f}/s before, {meanwhile:.1f}/s meanwhile "
        f"({meanwhile / before:.0%}; the aim is 90 %), first one {first:.1f} s after it came back",
        fine,
    )
    return fine


def quota(senders: Popen[str], folder: Path, size: Size) -> bool:
    """More senders and messages than an allowance has segments."""
    from accounts.models import Account
    from campaigns.models import Message, SmsQuota
    from tests.faults.harness import CALM, due_at_once, world

    account = _account()
    Account.objects.filter(pk=account.pk).update(sms_allowance=QUOTA)
    due_at_once(account, QUOTA_DUE)
    with world(senders, folder, keys=False, weights=CALM) as hub:
        hub.start([""] * QUOTA_SENDERS, seconds=DRAIN_SECONDS)
        # Until every message was sent or told to wait for the allowance.
        _wait(lambda: not Message.objects.filter(state__in=["scheduled", "leased"], reason="").exists())
        os.killpg(senders.pid, signal.SIGSTOP)
        accepted = len(hub.accepted())
    used = SmsQuota.objects.get(account=account).segments_used
    fine = (accepted, used) == (QUOTA, QUOTA)
    _tell(
        f"allowance {QUOTA}, {QUOTA_SENDERS} senders, {QUOTA_DUE} due",
        f"{accepted} segments sent, {used} charged",
        fine,
    )
    return fine


class Broker:
    """A Valkey that can be killed, and comes back with nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "broker.sock"

    def __enter__(self) -> Broker:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.kill()

    def start(self) -> None:
        from feedbackhub.local import valkey

        # Nothing is written to disk.
        self.process = valkey.start(
            data=self.folder / "broker",
            socket_path=self.socket,
            log=self.folder / "broker.log",
            env=dict(os.environ),
            durable=False,
        )
        assert _wait(lambda: valkey.answers(self.socket))

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def _celery(folder: Path, broker: Broker, hub: World) -> Iterator[None]:
    from feedbackhub.local import valkey
    from tests.faults.harness import _database

    env = {
        **os.environ,
        "DATABASE_URL": _database(),
        "CELERY_BROKER_URL": valkey.broker_url(broker.socket),
        "CACHE_URL": valkey.cache_url(broker.socket),
        "SMS_PROVIDER_URL": hub.provider,
        "SMS_BLOCK_LIMIT": "0",
        "LOG_LEVEL": "WARNING",
    }
    commands = (
        ["worker", "-c", "2", "-l", "WARNING"],
        ["beat", "-s", str(folder / "beat"), "--pidfile=", "-l", "WARNING"],
    )
    with (folder / "celery.log").open("ab") as log:
        running = [
            subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "feedbackhub", *words],
                cwd=ROOT,
                env=env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            for words in commands
        ]
        try:
            yield
        finally:
            for process in running:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _account() -> Account:
    """A new one, and nothing of the part before."""
    from accounts.models import Account
    from campaigns.models import Message, SendAttempt

    SendAttempt.objects.all().delete()
    Message.objects.all().delete()
    return Account.objects.create(name="Alice's Bakery", postal_address="1 Main Street, Springfield")


def _wait(until: Callable[[], bool]) -> bool:
    end = time.monotonic() + DRAIN_SECONDS
    while time.monotonic() < end:
        if until():
            return True
        time.sleep(0.2)
    return False


def _figures(found: Findings) -> str:
    return (
        f"{len(found.duplicates)} sent twice, {len(found.lost)} lost, {len(found.unexpected)} unexpected, "
        f"{len(found.unfinished)} unfinished, {found.unknown} unknown"
    )


def _tell(what: str, figures: str, fine: bool) -> None:
    print(f"{'ok    ' if fine else 'BROKEN'} {what}: {figures}", flush=True)


PARTS: dict[str, Callable[[Popen[str], Path, Size], bool]] = {
    "keys": with_keys,
    "plain": without_keys,
    "broker": broker_down,
    "quota": quota,
}


def main(given: argparse.Namespace) -> int:
    size = Size(given.messages, given.kills, given.broker_seconds)
    with scratch.own_database() as url:
        os.environ["DATABASE_URL"] = url
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "feedbackhub.settings")
        import django

        django.setup()
        # Each part runs, whatever the one before came to.
        fine = [_part(PARTS[name], size) for name in given.only.split(",")]
        return 0 if all(fine) else 1


def _part(part: Callable[[Popen[str], Path, Size], bool], size: Size) -> bool:
    from tests.faults.harness import herd

    with TemporaryDirectory() as folder, herd() as senders:
        return part(senders, Path(folder), size)


def arguments(words: list[str] | None = None) -> Any:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--broker-seconds", type=int, default=60)
    parser.add_argument("--only", default=",".join(PARTS))
    return parser.parse_args(words)


if __name__ == "__main__":
    given = arguments()
    sys.exit(scratch.main("tests.faults.long", lambda: main(given)))
