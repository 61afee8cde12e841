"""Messages per second through the sender, beside the same provider fed by a bare loop; and how fairly rows are claimed.

    .venv/bin/python -m bench.sender [--messages 2000] [--rows 100000]

The sinks are processes of their own: an SMTP server that takes everything, and the fake SMS provider of tests/faults.
The limit is one loop without the hub. All figures are of one run on one machine: read the ratios.
"""

from __future__ import annotations

import argparse
import os
import socketserver
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from bench import scratch

ROOT = Path(__file__).resolve().parents[1]
ACCOUNTS, SHARE = 50, 0.9
SEED = """
INSERT INTO crm_customer (public_id, account_id, email, mobile_number, time_zone, language, internal, properties,
  created_at, updated_at, opted_out, undeliverable)
SELECT left(md5('{mark}' || n), 12), %(account)s, '{mark}' || n || '@example.com', '+1212' || (%(base)s + n), '', '',
  false, '{{}}', now(), now(), false, false FROM generate_series(1, %(count)s) n RETURNING id
"""
MESSAGES = """
INSERT INTO campaigns_message (id, account_id, customer_id, channel, address, from_name, reply_to, subject, text_body,
  html_body, sms_segments, unsubscribe_token, due_at, not_after, next_try_at, state, reason, fence, created_at,
  updated_at)
SELECT gen_random_uuid(), c.account_id, c.id, %(channel)s,
  CASE %(channel)s WHEN 'sms' THEN c.mobile_number ELSE c.email END, 'Bench', '', 'How was it?', repeat('Words. ', 40),
  CASE %(channel)s WHEN 'sms' THEN '' ELSE repeat('<p>Words.</p>', 100) END, 1,
  left(md5(random()::text), 24), now(), now() + interval '12 hours', now(), 'scheduled', '', 0, now(), now()
FROM crm_customer c WHERE c.account_id = %(account)s LIMIT %(count)s
"""


class Sink(socketserver.StreamRequestHandler):
    """As much SMTP as a client needs; takes every message."""

    def handle(self) -> None:
        self._say("220 sink")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self._say("354 go on")
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
                self._say("250 2.0.0 taken")
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


def serve_smtp() -> None:
    socketserver.ThreadingTCPServer.daemon_threads = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Sink) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()


def worker() -> None:
    """Ready; on a line of input, send until nothing is due."""
    _django()
    from campaigns.domain.sender import run
    from campaigns.models import Message

    print("ready", flush=True)
    sys.stdin.readline()
    while Message.objects.filter(state__in=["scheduled", "leased"]).exists():
        if not run.run(seconds=5):
            time.sleep(0.01)


def main(arguments: argparse.Namespace) -> int:
    with scratch.own_database() as url, TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = url
        # Numbers in a row would be held back.
        os.environ["SMS_BLOCK_LIMIT"] = "0"
        _django()
        sinks = {
            "email": _spawn("bench.sender", "--sink"),
            "sms": _spawn("tests.faults.fake_provider", f"{folder}/log", "1", '{"ok": 1}'),
        }
        try:
            ports = {channel: _line(sink) for channel, sink in sinks.items()}
            os.environ["EMAIL_PROVIDER_URL"] = f"smtp://127.0.0.1:{ports['email']}"
            os.environ["SMS_PROVIDER_URL"] = f"relay://127.0.0.1:{ports['sms']}/send?scheme=http"
            for channel in sinks:
                throughput(channel, arguments.messages)
        finally:
            for sink in sinks.values():
                sink.kill()
                sink.communicate()
        return fairness(arguments.rows)


def throughput(channel: str, count: int) -> None:
    limit = count / bare(channel, count)
    print(f"{channel}: bare loop {limit:.0f}/s", end="", flush=True)
    for workers in (1, 2, 4):
        _fill(channel, {_account(): count})
        running = [_spawn("bench.sender", "--worker") for _ in range(workers)]
        for one in running:
            _line(one)
        began = time.monotonic()
        for one in running:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
        for one in running:
            one.wait()
        rate = count / (time.monotonic() - began)
        print(f" · {workers} worker{'s' * (workers > 1)} {rate:.0f}/s ({rate / limit:.2f} of it)", end="", flush=True)
        _check(count)
    print()


def bare(channel: str, count: int) -> float:
    """Seconds for so many messages handed to the provider without the hub."""
    from django.conf import settings

    from campaigns.providers import registry
    from campaigns.providers.base import Envelope, Verdict

    settings.EMAIL_PROVIDER_URL = os.environ["EMAIL_PROVIDER_URL"]
    settings.SMS_PROVIDER_URL = os.environ["SMS_PROVIDER_URL"]
    provider = registry.for_channel(channel)
    began = time.monotonic()
    for number in range(count):
        envelope = Envelope(
            channel=channel,
            to=f"p{number}@example.com" if channel == "email" else f"+1212{5550000 + number}",
            subject="How was it?",
            text="Words. " * 40,
            html="<p>Words.</p>" * 100 if channel == "email" else "",
            idem_key=str(uuid4()),
            message_id=uuid4(),
            attempt_id=uuid4(),
            account_id=1,
            from_name="Bench",
            unsubscribe_url="https://hub.example.com/u/x",
        )
        assert provider.send(envelope).verdict == Verdict.ACCEPTED
    seconds = time.monotonic() - began
    provider.close()
    return seconds


def fairness(rows: int) -> int:
    """1 if the big account delays the others."""
    from campaigns.domain.sender import claim

    accounts = [_account() for _ in range(ACCOUNTS)]
    big, rest = accounts[0], rows - int(rows * SHARE)
    _fill("email", {big: rows - rest} | dict.fromkeys(accounts[1:], rest // (ACCOUNTS - 1)))
    others = rest // (ACCOUNTS - 1) * (ACCOUNTS - 1)
    taken: Counter[bool] = Counter()
    first: dict[int, float] = {}
    began, times = time.monotonic(), []
    while taken[False] < others:
        at = time.monotonic()
        leases = claim.due(owner="bench")
        times.append(time.monotonic() - at)
        for lease in leases:
            first.setdefault(lease.account_id, time.monotonic() - began)
            taken[lease.account_id == big] += 1
    times.sort()
    print(
        f"claims: {rows} due over {ACCOUNTS} accounts, one with {SHARE:.0%}: {1000 * times[len(times) // 2]:.1f} ms a "
        f"batch (p99 {1000 * times[len(times) * 99 // 100]:.1f} ms); every account was served within "
        f"{max(first.values()):.2f} s; when the last of the others' {others} rows was taken, the big one had "
        f"{taken[True]} ({taken[True] / sum(taken.values()):.1%})"
    )
    return 0 if max(first.values()) < 2 else 1


def _account() -> int:
    from accounts.models import Account

    return Account.objects.create(name="Bench", postal_address="1 Main Street").pk


def _fill(channel: str, counts: dict[int, int]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        # No triggers and no time limit: filling is no part of what is measured.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("TRUNCATE campaigns_message CASCADE")
        for account, count in counts.items():
            given: dict[str, Any] = {"account": account, "count": count, "channel": channel, "base": 2000000}
            cursor.execute(SEED.format(mark=f"a{account}x"), given)
            cursor.execute(MESSAGES, given)
        cursor.execute("ANALYZE campaigns_message")
        cursor.execute("RESET session_replication_role")
        cursor.execute("RESET statement_timeout")


def _check(count: int) -> None:
    from campaigns.models import Message

    states = Counter(Message.objects.values_list("state", flat=True))
    assert states == {"accepted": count}, states


def _spawn(module: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "feedbackhub.settings", "LOG_LEVEL": "ERROR"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "feedbackhub.settings")
    import django

    django.setup()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--sink", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.sink:
        serve_smtp()
    elif given.worker:
        worker()
    else:
        sys.exit(scratch.main("bench.sender", lambda: main(given)))
