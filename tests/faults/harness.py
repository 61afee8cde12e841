"""Puts senders and the fake provider together, and compares what the hub believes with what the world saw."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Account
from campaigns.models import Message, SendAttempt
from crm.models import Customer
from tests.campaigns.asking import ask, somebody, template_of

ROOT = Path(__file__).resolve().parents[2]
CALM = {"ok": 1.0}
ROUGH = {"ok": 0.5, "accept_hang": 0.05, "accept_reset": 0.15, "accept_500": 0.1, "refuse_429": 0.1, "reset": 0.1}


@dataclass
class Findings:
    """All but `unknown` and `ambiguous` must be empty."""

    duplicates: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    unknown: int = 0
    # Calls whose answer proved nothing.
    ambiguous: int = 0

    @property
    def broken(self) -> bool:
        return bool(self.duplicates or self.unexpected or self.lost or self.unfinished)


@dataclass
class World:
    log: Path
    provider: str
    senders: subprocess.Popen[str]
    sabotage: str = ""

    def run(self, failpoints: Sequence[str] = ("",), *, seconds: float = 20) -> list[int]:
        """Start one sender per failpoint ("" has none) and wait for all; their exit codes."""
        self.start(failpoints, seconds=seconds)
        return self.codes()

    def start(self, failpoints: Sequence[str], *, seconds: float = 20) -> list[int]:
        order = {
            "failpoints": list(failpoints),
            "provider": self.provider,
            "sabotage": self.sabotage,
            "seconds": seconds,
        }
        assert self.senders.stdin is not None
        self.senders.stdin.write(json.dumps(order) + "\n")
        self.senders.stdin.flush()
        return self._line()

    def codes(self) -> list[int]:
        return self._line()

    def kill(self, pids: Sequence[int]) -> None:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)

    def accepted(self) -> list[float]:
        """When the provider accepted what it accepted, in seconds since 1970."""
        with sqlite3.connect(self.log) as oracle:
            return [at for (at,) in oracle.execute("SELECT at FROM accepted ORDER BY at")]

    def check(self) -> Findings:
        with sqlite3.connect(self.log) as oracle:
            accepted = oracle.execute("SELECT message_id, recipient, body FROM accepted").fetchall()
            calls = Counter(mode for (mode,) in oracle.execute("SELECT mode FROM calls"))
        messages = {str(message.pk): message for message in Message.objects.all()}
        attempted = {str(pk) for pk in SendAttempt.objects.values_list("message", flat=True)}
        seen = Counter(message_id for message_id, _, _ in accepted)
        found = Findings(ambiguous=sum(count for mode, count in calls.items() if mode not in ("ok", "refuse_429")))
        found.duplicates = [message_id for message_id, count in seen.items() if count > 1]
        for message_id, recipient, body in accepted:
            message = messages.get(message_id)
            as_stored = message is not None and (message.address, message.text_body) == (recipient, body)
            if not as_stored or message_id not in attempted:
                found.unexpected.append(message_id)
        for message_id, message in messages.items():
            if message.state in ("accepted", "delivered") and not seen[message_id]:
                found.lost.append(message_id)
            elif message.state in ("recon", "unknown_final"):
                found.unknown += 1
            elif message.state != "accepted":
                found.unfinished.append(f"{message_id} {message.state} {message.reason}")
        return found

    def _line(self) -> list[int]:
        assert self.senders.stdout is not None
        answer: list[int] = json.loads(self.senders.stdout.readline())
        return answer


@contextmanager
def herd() -> Iterator[subprocess.Popen[str]]:
    """Senders to be, on the test's database."""
    senders = _spawn("tests.faults.senders", DATABASE_URL=_database(), LOG_LEVEL="ERROR")
    try:
        assert _said(senders) == "ready"
        yield senders
    finally:
        _end(senders)


@contextmanager
def world(
    senders: subprocess.Popen[str], folder: Path, *, keys: bool, weights: dict[str, float], sabotage: str = ""
) -> Iterator[World]:
    """A fake provider, and senders that use it."""
    log = folder / "oracle.sqlite"
    provider = _spawn("tests.faults.fake_provider", str(log), str(int(keys)), json.dumps(weights))
    try:
        url = f"relay://127.0.0.1:{_said(provider)}/send?scheme=http" + ("&remembers=3600" if keys else "")
        yield World(log, url, senders, sabotage)
    finally:
        _end(provider)


def due(account: Account, count: int) -> None:
    """So many messages, due now."""
    template_of(account, "sms")
    with transaction.atomic():
        for _ in range(count):
            ask(account, "sms", customer=somebody(account))


def due_at_once(account: Account, count: int) -> None:
    """As many as it takes a while to make one by one; no two have the same words."""
    now = timezone.now()
    people = Customer.objects.bulk_create(
        [Customer(account=account, fname="Jane", mobile_number=f"+1212{2000000 + number}") for number in range(count)],
        batch_size=1000,
    )
    Message.objects.bulk_create(
        [
            Message(
                account=account,
                customer=who,
                channel="sms",
                address=str(who.mobile_number),
                text_body=f"How was it? https://hub.example.com/f/{who.public_id}",
                sms_segments=1,
                due_at=now,
                next_try_at=now,
                not_after=now + timedelta(hours=12),
            )
            for who in people
        ],
        batch_size=1000,
    )


def _spawn(module: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "feedbackhub.settings", **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _end(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def _database() -> str:
    """The suite's server with this worker's database."""
    name = str(connection.settings_dict["NAME"])
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{quote(name)}").geturl()
