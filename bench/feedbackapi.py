"""Page 0 of every list of FeedbackAPI v1.3 with a million customers in the account.

    .venv/bin/python -m bench.feedbackapi [--customers 1000000] [--only customers]

Prints, for each list and each filter and order it knows: the time of the whole call, the time that the database needs
for the very same statements by psycopg, and the indexes they used. Ends with 1 if a call took 100 ms or more.
"""

from __future__ import annotations

import argparse
import base64
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

from bench import million, scratch

LIMIT_MS = 100
ROUNDS = 7

# What is asked of each list; {id} of a noun is replaced by an id of the account.
QUERIES: dict[str, list[str]] = {
    "customers": [
        "",
        "limit=100",
        "page=100&limit=100",
        "created_after={year_ago}",
        "created_before={year_ago}",
        "created_after={week_ago}",
        "email={email}",
        "email=nobody@example.com",
        "mobile_number=%2B12000000015",
        "fname=ann",
        "fname=nobody",
        "sname=family77",
        "fname=ann&sname=family8",
        "country_code=US",
        "country_code=FR",
        "invalid=true",
        "invalid=false",
        "opt_out=true",
        "opt_out=false",
        "opt_out=false&invalid=false",
        "opt_out=true&country_code=DE",
        *(
            f"sort_by={field}-{direction}"
            for field in [
                "created",
                "email",
                "mobile_number",
                "fname",
                "sname",
                "country_code",
                "last_sms",
                "last_email",
            ]
            for direction in ("asc", "desc")
        ),
    ],
    "locations": ["", "name=nowhere", "country_code=US", "created_after={year_ago}", "sort_by=created-desc"],
    "reviews": [
        "",
        "created_after={year_ago}",
        "location={location}",
        "platform={platform}",
        "rating_less_than=2",
        "rating_greater_than=4.5",
        "location={location}&rating_less_than=3",
        "sort_by=created-asc",
        "sort_by=rating-asc",
        "sort_by=rating-desc",
        "sort_by=title-asc",
        "sort_by=platform_name-asc",
        "sort_by=reviewer_name-asc",
    ],
    "feedback": [
        "",
        "created_after={year_ago}",
        "type=nps",
        "type=happy",
        "nps_score_less_than=6",
        "nps_score_greater_than=9",
        "star_rating_less_than=2",
        "happy=false",
        "subscriber={customer}",
        "location={location}",
        "sort_by=created-asc",
        "sort_by=type-asc",
        "sort_by=platform_name-asc",
    ],
    "feedback-request": [
        "",
        "created_after={year_ago}",
        "due_after={week_ago}",
        "due_before={year_ago}",
        "updated_after={week_ago}",
        "subscriber={customer}",
        "template={template}",
        "location={location}",
        "message_opened=true",
        "message_opened=false",
        "message_clicked=true",
        "message_clicked=false",
        "message_bounced=true",
        "message_bounced=false",
        "spam_complaint=true",
        "spam_complaint=false",
        "sort_by=created-asc",
        "sort_by=due-desc",
        "sort_by=updated-desc",
        "sort_by=updated-asc",
    ],
}


@dataclass(frozen=True)
class Line:
    """One row of the table; times in milliseconds."""

    path: str
    call: float
    database: float
    rows: int
    plan: str


def milliseconds(run: Callable[[], Any]) -> float:
    """The quickest of several rounds: whatever else the machine does is not what is measured."""
    run()
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        run()
        times.append((time.perf_counter() - started) * 1000)
    return min(times)


class Bench:
    def __init__(self, url: str, secret: str) -> None:
        from django.test import Client

        basic = base64.b64encode(f"{secret}:".encode()).decode()
        self.client = Client(headers={"Authorization": f"Basic {basic}"})
        self.database = psycopg.connect(url, autocommit=True)

    def line(self, path: str) -> Line:
        statements = self.statements(path)
        answer = self.get(path)
        plan = " ".join(dict.fromkeys(used for statement in statements for used in self.plan(statement)))
        return Line(
            path,
            call=milliseconds(lambda: self.get(path)),
            database=sum(milliseconds(lambda s=each: self.database.execute(s).fetchall()) for each in statements),
            rows=answer["total_count"],
            plan=plan,
        )

    def get(self, path: str) -> dict[str, Any]:
        response = self.client.get(f"/v1.3/{path}")
        assert response.status_code == 200, response.content
        found: dict[str, Any] = response.json()
        return found

    def statements(self, path: str) -> list[str]:
        """What the call asks the database, without what every call asks (the key)."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        self.get(path)
        with CaptureQueriesContext(connection) as captured:
            self.get(path)
        return [query["sql"] for query in captured.captured_queries]

    def plan(self, statement: str) -> Iterator[str]:
        row = self.database.execute(f"EXPLAIN (FORMAT JSON) {statement}").fetchone()
        assert row
        yield from _used(row[0][0]["Plan"])


def _used(node: dict[str, Any]) -> Iterator[str]:
    """Indexes, and what has none, of a plan from the top."""
    if "Index Name" in node:
        yield node["Index Name"]
    elif node["Node Type"] in ("Seq Scan", "Sort", "Incremental Sort"):
        yield f"[{node['Node Type']} {node.get('Relation Name', '')}]".replace(" ]", "]")
    for child in node.get("Plans", ()):
        yield from _used(child)


def names(url: str, account: int) -> dict[str, str]:
    """Values for the placeholders: rows of the account from its middle."""
    now = int(time.time())
    found = {"week_ago": str(now - 7 * 86400), "year_ago": str(now - 365 * 86400)}
    with psycopg.connect(url) as connection:
        for name, table in {
            "customer": "crm_customer",
            "location": "crm_location",
            "template": "campaigns_messagetemplate",
        }.items():
            alive = f"SELECT public_id FROM {table} WHERE account_id = %s AND deleted_at IS NULL"
            row = connection.execute(f"{alive} ORDER BY id OFFSET 1 LIMIT 1".encode(), [account]).fetchone()
            assert row
            found[name] = row[0]
        email = connection.execute(
            "SELECT email FROM crm_customer WHERE account_id = %s AND email > 'f' LIMIT 1", [account]
        ).fetchone()
        platform = connection.execute("SELECT public_id FROM reviews_platform LIMIT 1").fetchone()
        assert email
        assert platform
    return found | {"email": email[0], "platform": platform[0]}


def measure(url: str, customers: int, only: list[str]) -> list[Line]:
    os.environ["DATABASE_URL"] = url
    os.environ["LOG_LEVEL"] = "WARNING"
    import django

    django.setup()
    from accounts.domain import accounts, actors, keys

    account = accounts.create(name="A million", actor=actors.SYSTEM, rate_limits={"feedbackapi": 0})
    other = accounts.create(name="Others", actor=actors.SYSTEM)
    secret = keys.issue(account=account, name="bench", actor=actors.SYSTEM).secret
    started = time.perf_counter()
    tenants = [million.Tenant(account.pk, 1, customers), million.Tenant(other.pk, customers + 1, customers // 10)]
    with psycopg.connect(url, cursor_factory=psycopg.ClientCursor) as connection:
        million.fill(connection.execute, tenants)
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM (ANALYZE)")
    print(f"{customers} customers made in {time.perf_counter() - started:.0f} s", flush=True)
    bench, known = Bench(url, secret), names(url, account.pk)
    lines = []
    for noun, queries in QUERIES.items():
        for query in queries if noun in only or not only else ():
            lines.append(bench.line(f"{noun}?{query.format(**known)}"))
            show(lines[-1])
    return lines


def show(line: Line) -> None:
    mark = "  " if line.call < LIMIT_MS else "! "
    print(f"{mark}{line.call:7.1f} {line.database:7.1f} {line.rows:8d}  {line.path:45} {line.plan}", flush=True)


def work() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--only", action="append", default=[], choices=list(QUERIES))
    options = parser.parse_args()
    with scratch.own_database() as url:
        lines = measure(url, options.customers, options.only)
    slow = [line.path for line in lines if line.call >= LIMIT_MS]
    print(f"{len(lines)} lists, {len(slow)} of them at {LIMIT_MS} ms or more")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(scratch.main("bench.feedbackapi", work))
