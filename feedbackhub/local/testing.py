"""`./test`: the suite with a PostgreSQL and a Valkey of its own, gone when it ends."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from feedbackhub.local import guardian, places, postgres, postgres_binaries, processes, valkey
from feedbackhub.local.environment import ROOT, basis, for_server, present, random_secrets
from feedbackhub.local.errors import LocalError

PREFIX = "feedbackhub-test-"
STARTING_SECONDS = 30
STOPPING_SECONDS = 10


def main(arguments: list[str], env: Mapping[str, str]) -> int:
    """Runs pytest with `arguments` and returns its exit code."""
    _sweep()
    account = postgres_binaries.server_account() if not present(env, "DATABASE_URL") else None
    scratch = places.make_private(PREFIX, account)
    # Held by both processes of the guard as long as one lives; `_sweep` of a later run looks at it.
    lock = os.open(scratch / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return guardian.run(
        lambda signals: _run(arguments, env, scratch=scratch, signals=signals),
        clean_up=lambda: shutil.rmtree(scratch, ignore_errors=True),
    )


def _sweep() -> None:
    """Removes directories of runs that were killed together with their guard."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            with (left / "lock").open() as lock:
                if os.fstat(lock.fileno()).st_uid != os.geteuid():
                    continue
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)
        except OSError:
            continue


def _run(arguments: list[str], env: Mapping[str, str], *, scratch: Path, signals: guardian.Signals) -> int:
    child: subprocess.Popen[bytes] | None = None
    try:
        test_env = _environment(env, scratch=scratch, signals=signals)
        # With a terminal pytest must stay in its foreground group, or a debugger could not read from it.
        terminal = sys.stdin is not None and sys.stdin.isatty()
        child = processes.spawn(
            [sys.executable, "-m", "pytest", *parallel(arguments), *arguments],
            env=test_env,
            stdin=None,
            own_session=not terminal,
            umask=0o022,
        )
        while child.poll() is None:
            processes.reap_adopted([child])
            signals.pause(5)
        return child.returncode if child.returncode >= 0 else 128 - child.returncode
    except guardian.Stop:
        return _interrupted(child, signals)


def _interrupted(child: subprocess.Popen[bytes] | None, signals: guardian.Signals) -> int:
    """pytest gets the chance to print its summary, unless somebody is in a hurry."""
    if child is None or signals.hurry:
        return 130
    processes.send(signal.SIGINT, [child.pid])
    for _ in range(STOPPING_SECONDS * 5):
        if child.poll() is not None or signals.hurry:
            break
        signals.sleep(0.2)
    return child.returncode if child.returncode is not None and child.returncode >= 0 else 130


def parallel(arguments: list[str]) -> list[str]:
    """The whole suite uses every core up to four; a run that names files starts quicker without."""
    named = any((ROOT / argument.split("::", 1)[0]).exists() for argument in arguments)
    chosen = any(each.startswith(("-n", "--numprocesses", "--pdb", "--trace", "-pno:xdist")) for each in arguments)
    if named or chosen or "no:xdist" in arguments:
        return []
    return ["-n", str(min(len(os.sched_getaffinity(0)), 4))]


def _environment(env: Mapping[str, str], *, scratch: Path, signals: guardian.Signals) -> dict[str, str]:
    """Starts the services that the caller did not bring along, and names them all."""
    home = scratch / "home"
    home.mkdir(mode=0o700)
    services: dict[str, str] = {}
    cluster = None if present(env, "DATABASE_URL") else _start_postgres(env, scratch)
    cache = None if present(env, "CELERY_BROKER_URL") and present(env, "CACHE_URL") else _start_valkey(env, scratch)
    if cache is not None:
        services |= {"CELERY_BROKER_URL": valkey.broker_url(cache), "CACHE_URL": valkey.cache_url(cache)}
        _await(lambda: valkey.answers(cache), "Valkey", scratch / "valkey.log", signals)
    if cluster is not None:
        services["DATABASE_URL"] = cluster.url()
        _await(lambda: postgres.answers(cluster), "PostgreSQL", cluster.log, signals)
        postgres.create_database(cluster)
    given = {name: env[name] for name in services if present(env, name)}
    return basis(env) | random_secrets() | services | given | {"FEEDBACKHUB_ENV": "test", "FEEDBACKHUB_HOME": str(home)}


def _start_postgres(env: Mapping[str, str], scratch: Path) -> postgres.Cluster:
    account = postgres_binaries.server_account()
    cluster = postgres.Cluster(
        binaries=postgres_binaries.readable_for(postgres_binaries.find(env), account),
        data=places.make_for_server(scratch / "data", account),
        sockets=places.make_for_server(scratch / "pg", account),
        log=scratch / "postgres.log",
        account=account,
        durable=env.get("FEEDBACKHUB_TEST_DURABLE", "") == "1",
    )
    postgres.prepare(cluster, env=for_server(env))
    postgres.start(cluster, env=for_server(env))
    return cluster


def _start_valkey(env: Mapping[str, str], scratch: Path) -> Path:
    socket = scratch / "valkey.sock"
    valkey.start(
        data=scratch / "valkey", socket_path=socket, log=scratch / "valkey.log", env=for_server(env), durable=False
    )
    return socket


def _await(ready, name: str, log: Path, signals: guardian.Signals) -> None:
    for _ in range(STARTING_SECONDS * 20):
        if ready():
            return
        signals.pause(0.05)
    raise LocalError(f"{name} did not start:\n{log.read_text(errors='replace')[-2000:]}")
