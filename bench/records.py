"""Answers in and out: the hub beside the bare database, in one run.

    .venv/bin/python -m bench.records [--full] [--only singles --only lists --only batches]

It starts a PostgreSQL that writes to the disk and a web server of its own, calls over HTTP from one process, and prints
what the hub reached of what the same PostgreSQL does alone. All of it shares one machine, and the ratios of one run are
what counts: absolute figures are the machine's.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import psycopg

from bench import http_load, scratch, web
from feedbackhub.ids import uuid7
from feedbackhub.local import postgres_binaries

CONNECTIONS = 16
BATCH = 10_000
PAGE = 100
DEPTH = 1_000_000
TENANT = "org-123"

# What a survey tool sends for one answer.
ANSWER = {
    "source_type": "survey",
    "source_id": "survey-123",
    "source_name": "Q1 NPS Survey",
    "field_id": "nps",
    "field_type": "nps",
    "field_label": "How likely are you to recommend us?",
    "value_number": 9,
    "language": "en",
    "user_id": "user-abc-123",
    "metadata": {"country": "US", "device": "mobile"},
    "tenant_id": TENANT,
}
COLUMNS = [
    "id",
    "account_id",
    "contract",
    "tenant_id",
    "submission_id",
    "source_type",
    "source_id",
    "source_name",
    "field_id",
    "field_type",
    "field_label",
    "value_number",
    "language",
    "user_id",
    "metadata",
    "collected_at",
    "created_at",
    "updated_at",
]


@dataclass(frozen=True)
class Size:
    """Seconds per measurement and how often it is repeated; batches; rows in the lists."""

    seconds: float
    rounds: int
    batches: int
    rows: int


QUICK = Size(seconds=5, rounds=3, batches=6, rows=DEPTH + 100_000)
FULL = Size(seconds=20, rounds=5, batches=30, rows=5 * DEPTH)


@dataclass(frozen=True)
class Bench:
    """What every measurement needs."""

    url: str
    web: web.Web
    account: int
    secret: str
    size: Size

    def call(
        self, method: str, path: str, body: bytes = b"", media_type: str = "application/json"
    ) -> http_load.Outcome:
        """One call."""
        return self.load(lambda: self.request(method, path, body, media_type), connections=1, seconds=0)

    def request(self, method: str, path: str, body: bytes = b"", media_type: str = "application/json") -> bytes:
        return http_load.request(method, path, secret=self.secret, body=body, media_type=media_type)

    def load(self, following: Callable[[], bytes], *, connections: int, seconds: float) -> http_load.Outcome:
        outcome = http_load.load(self.web.port, following, connections=connections, seconds=seconds)
        wrong = {status: many for status, many in outcome.statuses.items() if not 200 <= status < 300}
        assert not wrong, f"{wrong}: {outcome.last[:300]!r}"
        return outcome


def say(text: str) -> None:
    print(text, flush=True)


def goal(ratio: float, least: float) -> str:
    return f"{ratio:5.2f}  (goal {least:.2f}{'' if ratio >= least else ', missed'})"


# --- Singles -----------------------------------------------------------------------------------------------------


def singles(bench: Bench) -> None:
    """One durable answer per call, beside pgbench inserting the same row over as many connections."""
    numbers = itertools.count()
    start, end = json.dumps(ANSWER)[:-1].encode(), b'"}'

    def following() -> bytes:
        return bench.request("POST", "/v1/feedback-records", start + b', "submission_id": "s-%d' % next(numbers) + end)

    bench.load(following, connections=CONNECTIONS, seconds=1)
    created, inserted, p50, p99 = [], [], [], []
    for _ in range(bench.size.rounds):
        inserted.append(pgbench(bench))
        outcome = bench.load(following, connections=CONNECTIONS, seconds=bench.size.seconds)
        created.append(outcome.rate)
        p50.append(outcome.percentile(0.5))
        p99.append(outcome.percentile(0.99))
    hub, database = sum(created) / len(created), sum(inserted) / len(inserted)
    each = ", ".join(f"{one / other:.2f}" for one, other in zip(created, inserted, strict=True))
    say(f"single creates      {hub:8.0f}/s beside {database:8.0f}/s of pgbench: {goal(hub / database, 0.35)}  [{each}]")
    say(f"  {CONNECTIONS} calls at once: half within {sum(p50) / len(p50):.1f} ms, 99 % within {max(p99):.1f} ms")


def pgbench(bench: Bench) -> float:
    """INSERTs a second of the row that a create makes, each its own commit."""
    values = {
        "id": "uuidv7()",
        "account_id": str(bench.account),
        "contract": "'hub'",
        "submission_id": "'p-' || :n || '-' || :m",
        "metadata": f"'{json.dumps(ANSWER['metadata'])}'",
        **dict.fromkeys(("collected_at", "created_at", "updated_at"), "now()"),
    }
    for name, value in ANSWER.items():
        values.setdefault(name, f"'{value}'" if isinstance(value, str) else str(value))
    insert = (
        f"INSERT INTO feedback_feedbackrecord ({', '.join(COLUMNS)}) VALUES ({', '.join(map(values.get, COLUMNS))});"
    )
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(f"\\set n random(1, 2000000000)\n\\set m random(1, 2000000000)\n{insert}\n")
        script.flush()
        printed = _pgbench(bench, script.name)
    found = re.search(r"tps = ([\d.]+)", printed)
    assert found, printed
    return float(found[1])


def _pgbench(bench: Bench, script: str) -> str:
    parts = urlsplit(bench.url)
    query = parse_qs(parts.query)
    env = {**os.environ, "PGOPTIONS": "-c synchronous_commit=on"}
    program = postgres_binaries.find(os.environ) / "pgbench"
    options = ["-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", "1", "-T", str(max(int(bench.size.seconds), 1))]
    where = ["-h", query.get("host", [parts.hostname or ""])[0], "-U", parts.username or ""]
    where += ["-p", str(parts.port or 5432), "-f", script, parts.path[1:]]
    return subprocess.run([program, *options, *where], env=env, check=True, capture_output=True, text=True).stdout


# --- Lists -------------------------------------------------------------------------------------------------------


def lists(bench: Bench) -> None:
    """A page of a hundred at the top of a long list and a million rows further down, by turns."""
    for path in (
        f"/v1/feedback-records?tenant_id={TENANT}&",
        "/v1/feedback-records?",
        f"/api/v1/records?tenant_id={TENANT}&",
        "/api/v1/records?",
    ):
        top = f"{path}limit={PAGE}"
        deep = f"{top}&cursor={cursor_at(bench, DEPTH, own=path.startswith('/api'), tenant='tenant' in path)}"
        times: dict[str, list[float]] = {top: [], deep: []}
        for _ in range(40):
            for address in (top, deep):
                times[address] += bench.call("GET", address).seconds
        first, last = (sorted(times[address])[20] * 1000 for address in (top, deep))
        mark = "" if last <= first * 1.2 else ", missed"
        times_told = f"{first:6.1f} ms, at {DEPTH} {last:6.1f} ms"
        say(f"page of {PAGE} of {path:44} {times_told}: {last / first:.2f}  (goal 1.20{mark})")


def cursor_at(bench: Bench, depth: int, *, own: bool, tenant: bool) -> str:
    """The cursor that leads behind the row at `depth`, without walking there."""
    from feedback.api.hub.query import cursor_of
    from feedback.domain.queries.records import Position
    from feedbackhub.api.own.pages import cursor_behind

    where = "account_id = %s" + (" AND tenant_id = %s" if tenant else "")
    with psycopg.connect(bench.url) as connection:
        row = connection.execute(
            f"SELECT collected_at, id FROM feedback_feedbackrecord WHERE {where} "
            "ORDER BY collected_at DESC, id OFFSET %s LIMIT 1",
            [bench.account, *([TENANT] if tenant else []), depth - 1],
        ).fetchone()
    assert row
    position = Position(*row)
    return cursor_behind("-collected_at", row) if own else cursor_of(position, "collected_at", True)


FILL = f"""
INSERT INTO feedback_feedbackrecord (id, {", ".join(COLUMNS[1:])})
SELECT uuidv7(make_interval(secs => n - %(rows)s)), %(account)s, 'hub', %(tenant)s, md5(n::text), 'survey',
  'survey-123', 'Q1 NPS Survey', 'nps', 'nps', 'How likely are you to recommend us?', n %% 11, 'en',
  'user-' || n %% 100000, '{json.dumps(ANSWER["metadata"])}', w.at, w.at, w.at
FROM generate_series(1, %(rows)s) n, LATERAL (SELECT now() - make_interval(secs => %(rows)s - n) AS at) w
"""


def fill(url: str, account: int, other: int, rows: int) -> None:
    """The lists' rows in one tenant, and some in another tenant and another account, which an index must tell apart."""
    started = time.perf_counter()
    with psycopg.connect(url, autocommit=True) as connection:
        for of, tenant, many in (
            (account, TENANT, rows),
            (account, "org-456", rows // 20),
            (other, TENANT, rows // 20),
        ):
            connection.execute(FILL, {"account": of, "tenant": tenant, "rows": many})
        connection.execute("VACUUM (ANALYZE) feedback_feedbackrecord")
        connection.execute("CHECKPOINT")
    say(f"{rows} answers made in {time.perf_counter() - started:.0f} s")


# --- Batches -----------------------------------------------------------------------------------------------------


def batches(bench: Bench) -> None:
    """Batches of ten thousand answers by the hub's own batch call, beside COPY of the same rows, by turns."""
    numbers = itertools.count()
    call, copy = [], []
    with psycopg.connect(bench.url, autocommit=True) as connection:
        for _ in range(bench.size.batches):
            copied = [{**ANSWER, "submission_id": f"c-{next(numbers)}"} for _ in range(BATCH)]
            copy.append(_seconds(lambda rows=copied: copy_rows(connection, bench.account, rows)))
            sent = [{**ANSWER, "submission_id": f"b-{next(numbers)}"} for _ in range(BATCH)]
            body = b"\n".join(json.dumps(answer).encode() for answer in sent)
            outcome = bench.call("POST", "/api/v1/records/batch", body, media_type="application/x-ndjson")
            assert json.loads(outcome.last)["created"] == BATCH, outcome.last[:200]
            call.append(outcome.seconds[0])
    rate, alone = BATCH * len(call) / sum(call), BATCH * len(copy) / sum(copy)
    each = ", ".join(f"{one / other:.2f}" for one, other in zip(copy, call, strict=True))
    say(f"batch creates       {rate:8.0f}/s beside {alone:8.0f}/s of COPY:    {goal(rate / alone, 0.5)}  [{each}]")


def _seconds(run: Callable[[], None]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def copy_rows(connection: psycopg.Connection, account: int, answers: list[dict[str, object]]) -> None:
    """The rows as a program that has them as such would load them: one COPY, one commit."""
    now = datetime.now(UTC)
    same = {"account_id": account, "contract": "hub", "metadata": json.dumps(ANSWER["metadata"])}
    same |= dict.fromkeys(("collected_at", "created_at", "updated_at"), now)
    statement = f"COPY feedback_feedbackrecord ({', '.join(COLUMNS)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for answer in answers:
            row = {**answer, **same, "id": uuid7()}
            copy.write_row([row[name] for name in COLUMNS])


# --- All of it ---------------------------------------------------------------------------------------------------

MEASUREMENTS: dict[str, Callable[[Bench], None]] = {"singles": singles, "batches": batches, "lists": lists}


def measure(url: str, size: Size, only: list[str]) -> None:
    os.environ["DATABASE_URL"] = url
    os.environ["LOG_LEVEL"] = "WARNING"
    import django

    django.setup()
    from accounts.domain import accounts, actors, keys

    limits = {"api": 0, "hub": 0}
    account = accounts.create(name="Bench", actor=actors.SYSTEM, rate_limits=limits)
    other = accounts.create(name="Others", actor=actors.SYSTEM)
    secret = keys.issue(account=account, name="bench", actor=actors.SYSTEM).secret
    fill(url, account.pk, other.pk, size.rows)
    del os.environ["LOG_LEVEL"]
    with web.serving(url) as server:
        bench = Bench(url, server, account.pk, secret, size)
        for name, run in MEASUREMENTS.items():
            if name in only or not only:
                run(bench)
        say("memory of the web workers: " + ", ".join(f"{each:.0f} MB" for each in server.memory()))
    say(f"load of the machine when it ended: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def work() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="ten times as long, with five million rows")
    parser.add_argument("--rows", type=int, help="rows in the lists")
    parser.add_argument("--only", action="append", default=[], choices=list(MEASUREMENTS))
    options = parser.parse_args()
    with scratch.own_database() as url:
        size = FULL if options.full else QUICK
        measure(url, replace(size, rows=options.rows or size.rows), options.only)
    return 0


if __name__ == "__main__":
    sys.exit(scratch.main("bench.records", work, durable=True))
