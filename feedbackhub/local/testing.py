"""`./test`: the suite with a PostgreSQL and a Valkey of its own, gone when it ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from feedbackhub.local import embedded, guardian, places, processes
from feedbackhub.local.environment import ROOT, basis, random_secrets
from feedbackhub.local.guardian import Signals

STOPPING_SECONDS = 10


def main(arguments: list[str], env: Mapping[str, str]) -> int:
    """Runs pytest with `arguments` and returns its exit code."""
    scratch = places.make_private(embedded.account_for(env, data=None))
    return guardian.run(
        lambda signals: _run(arguments, env, scratch=scratch, signals=signals),
        clean_up=lambda: shutil.rmtree(scratch, ignore_errors=True),
    )


def _run(arguments: list[str], env: Mapping[str, str], *, scratch: Path, signals: Signals) -> int:
    # With a terminal pytest must stay in its foreground group, or a debugger could not read from it.
    terminal = sys.stdin is not None and sys.stdin.isatty()
    child: subprocess.Popen[bytes] | None = None
    try:
        test_env = _environment(env, scratch=scratch, signals=signals)
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
    except guardian.Stop:
        return _interrupted(child, signals, by_terminal=terminal)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def _interrupted(child: subprocess.Popen[bytes] | None, signals: Signals, *, by_terminal: bool) -> int:
    """pytest gets the chance to print its summary, unless somebody is in a hurry."""
    if child is None:
        return 130
    if not by_terminal:
        # A terminal has told pytest already, and a second SIGINT would break its summary off.
        processes.send(signal.SIGINT, [child.pid])
    deadline = time.monotonic() + STOPPING_SECONDS
    while child.poll() is None and not signals.hurry and time.monotonic() < deadline:
        signals.sleep(0.2)
    return child.returncode if child.returncode is not None and child.returncode >= 0 else 130


def parallel(arguments: list[str]) -> list[str]:
    """The whole suite uses every core up to four; a run that names files starts quicker without.

    A file stays on one core, so that what it makes once is made once; tests/conftest.py says which files come first.
    """
    named = any((ROOT / argument.split("::", 1)[0]).exists() for argument in arguments)
    chosen = any(each.startswith(("-n", "--numprocesses", "--pdb", "--trace")) for each in arguments)
    if named or chosen or "no:xdist" in arguments:
        return []
    return ["-n", str(min(len(os.sched_getaffinity(0)), 4)), "--dist", "loadfile", "--no-loadscope-reorder"]


def _environment(env: Mapping[str, str], *, scratch: Path, signals: Signals) -> dict[str, str]:
    """Starts the services that the caller did not bring along, and names them all."""
    home = scratch / "home"
    home.mkdir(mode=0o700)
    layout = embedded.Layout(
        postgres=scratch / "data",
        valkey=scratch / "valkey",
        sockets=scratch,
        logs=scratch,
        durable=env.get("FEEDBACKHUB_TEST_DURABLE", "") == "1",
    )
    services = embedded.wanted(env, layout, embedded.account_for(env, data=None))
    children = [service.start() for service in services]
    for service, child in zip(services, children, strict=True):
        embedded.await_answer(service, child, signals.pause)
    found = {name: value for service in services for name, value in service.variables.items()}
    return basis(env) | random_secrets() | found | {"FEEDBACKHUB_ENV": "test", "FEEDBACKHUB_HOME": str(home)}
