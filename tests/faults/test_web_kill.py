"""kill -9 of web workers while answers come in: whatever was acknowledged is stored, once.

And what the real web server does with a connection whose call was refused before its body was read.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.db import connection

from accounts.domain import accounts, keys
from accounts.domain.actors import SYSTEM
from bench import web
from feedback.models import FeedbackRecord
from tests import database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]

# The long form: FAULT_ROUNDS=20 ./test tests/faults -n 0 -s
KILLS = 6 * int(os.environ.get("FAULT_ROUNDS", "1"))
CALLERS = 6
ANSWER = {"tenant_id": "t", "source_type": "survey", "field_id": "q", "field_type": "nps", "value_number": 9}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[web.Web]:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    # Beside a whole suite it takes longer than alone.
    monkeypatch.setattr(web, "STARTING_SECONDS", 120)
    with web.serving(database.named(os.environ["DATABASE_URL"], str(connection.settings_dict["NAME"]))) as started:
        yield started


@pytest.fixture
def secret() -> str:
    account = accounts.create(name="Ingest", actor=SYSTEM, rate_limits={"hub": 0})
    return keys.issue(account=account, name="ingest", actor=SYSTEM).secret


@dataclass
class Senders:
    """Callers who repeat a call until it is answered, as clients do."""

    port: int
    secret: str
    acknowledged: set[str] = field(default_factory=set)
    broken: int = 0
    surprises: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._numbers = itertools.count()
        self.threads = [threading.Thread(target=self._send) for _ in range(CALLERS)]
        for thread in self.threads:
            thread.start()

    def _send(self) -> None:
        calls = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        while not self.over.is_set():
            self._deliver(calls, f"s-{next(self._numbers)}")
        calls.close()

    def _deliver(self, calls: http.client.HTTPConnection, name: str) -> None:
        headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json"}
        deadline = time.monotonic() + 30
        for tries in itertools.count():
            try:
                calls.request("POST", "/v1/feedback-records", json.dumps({**ANSWER, "submission_id": name}), headers)
                answer = calls.getresponse()
                body = answer.read()
            except (OSError, http.client.HTTPException):
                self.broken += 1
                calls.close()
                assert time.monotonic() < deadline
                time.sleep(0.02)
                continue
            # A repeated call may find what the lost answer was about.
            if answer.status == 201 or (answer.status == 409 and tries):
                self.acknowledged.add(name)
            else:
                self.surprises.append(f"{answer.status} {body[:200]!r}")
            return

    def end(self) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join(60)


def test_nothing_acknowledged_is_lost_when_web_workers_are_killed(server: web.Web, secret: str):
    senders = Senders(server.port, secret)
    killed = 0
    try:
        while killed < KILLS:
            before = len(senders.acknowledged)
            _until(lambda before=before: len(senders.acknowledged) > before + 20)  # type: ignore[misc]
            os.kill(_until(server.workers)[0], signal.SIGKILL)
            killed += 1
    finally:
        senders.end()
    stored = list(FeedbackRecord.objects.values_list("submission_id", flat=True))
    print(f"\n{killed} kills, {len(senders.acknowledged)} acknowledged, {senders.broken} calls broken off")
    assert senders.surprises == []
    assert len(stored) == len(set(stored))
    assert senders.acknowledged - set(stored) == set()
    # Calls were under way when it happened.
    assert senders.broken >= KILLS


def _until(look):
    deadline = time.monotonic() + 30
    while not (seen := look()):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return seen


def test_a_connection_that_ends_with_a_refusal_is_announced(server: web.Web, secret: str):
    """A body that nobody read would be taken for the next call, so the connection ends; the caller must know."""
    body = json.dumps({**ANSWER, "submission_id": "1"})

    def answered(key: str, *, chunked: bool = False) -> tuple[int, str | None]:
        calls = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        sent = iter([body.encode()]) if chunked else body
        calls.request("POST", "/v1/feedback-records", sent, headers, encode_chunked=chunked)
        answer = calls.getresponse()
        answer.read()
        assert (calls.sock is None) is (answer.getheader("Connection") == "close")
        calls.close()
        return answer.status, answer.getheader("Connection")

    wrong = "fhub_" + "x" * 32
    assert [answered(wrong), answered(wrong, chunked=True)] == [(401, "close")] * 2
    assert [answered(secret), answered(secret), answered(secret, chunked=True)] == [
        (201, None),
        (409, None),
        (409, None),
    ]
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as raw:
        raw.sendall(b"GET /v1/feedback-records HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
        seen = b""
        while seen.count(b"HTTP/1.1 401") < 2:
            seen += raw.recv(65536)
    assert b"connection: close" not in seen.lower()
