"""Runs a benchmark with a PostgreSQL and a Valkey of its own, as ./test does, unless the environment names servers."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

import psycopg

from feedbackhub.local import embedded, guardian, places, processes
from feedbackhub.local.environment import basis, present, random_secrets
from feedbackhub.local.guardian import Signals
from tests import database

NEEDED = (*embedded.POSTGRES_VARIABLES, *embedded.VALKEY_VARIABLES, "SECRET_KEY")


def main(module: str, work: Callable[[], int], *, durable: bool = False) -> int:
    """`work` where all servers are named, else this module again with servers that are gone when it ends.

    `durable` servers write to the disk before they say so, as those of ./run do.
    """
    if all(present(os.environ, name) for name in NEEDED):
        return work()
    scratch = places.make_private(embedded.account_for(os.environ, data=None))
    return guardian.run(
        lambda signals: _again(module, scratch, signals, durable),
        clean_up=lambda: shutil.rmtree(scratch, ignore_errors=True),
    )


def _again(module: str, scratch: Path, signals: Signals, durable: bool) -> int:
    layout = embedded.Layout(scratch / "data", scratch / "valkey", sockets=scratch, logs=scratch, durable=durable)
    services = embedded.wanted(os.environ, layout, embedded.account_for(os.environ, data=None))
    for service in services:
        embedded.await_answer(service, service.start(), signals.pause)
    found = {name: value for service in services for name, value in service.variables.items()}
    env = random_secrets() | basis(os.environ) | found | {"FEEDBACKHUB_ENV": "test"}
    child = processes.spawn([sys.executable, "-m", module, *sys.argv[1:]], env=env, own_session=False)
    while child.poll() is None:
        processes.reap_adopted([child])
        signals.pause(5)
    return child.returncode


@contextmanager
def own_database() -> Iterator[str]:
    """A migrated database beside the one that DATABASE_URL names, which is not touched; dropped in the end."""
    url, name = os.environ["DATABASE_URL"], f"bench_{token_hex(4)}"
    template = database.template(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield database.named(url, name)
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
