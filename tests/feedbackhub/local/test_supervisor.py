"""The real supervisor with real services and stand-ins for the hub's own processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import psycopg

from feedbackhub.local import processes
from feedbackhub.local.environment import ROOT
from tests.feedbackhub.local.conftest import StandIn

Start = Callable[[], StandIn]


def environment_of(hub: StandIn) -> dict[str, str]:
    return dict(json.loads((hub.home / "environment.json").read_text()))


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def command_lines(hub: StandIn) -> str:
    return "\n".join(command_line(pid) for pid in hub.everyone())


def test_kill_9_leaves_no_process_and_no_committed_row_is_lost(start: Start) -> None:
    hub = start()
    hub.await_line("Ready")
    lines = command_lines(hub)
    assert all(part in lines for part in ("postgres", "valkey-server", "fork() == 0", "sleep 600")), lines
    acknowledged = 0
    with psycopg.connect(environment_of(hub)["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (id int)")
        for acknowledged in range(1, 51):
            connection.execute("INSERT INTO kept VALUES (%s)", [acknowledged])
        hub.process.kill()
        assert processes.wait_until(lambda: not hub.everyone(), 10, step=0.1), command_lines(hub)

    again = start()
    again.await_line("Ready")
    with psycopg.connect(environment_of(again)["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT count(*), max(id) FROM kept").fetchone() == (acknowledged, acknowledged)

    # The other process of the pair, and a crash of one service, on the same instance to save a start.
    worker = next(pid for pid in processes.descendants(again.process.pid) if "stand_in.py" in command_line(pid))
    web = next(pid for pid in again.everyone() if "ThreadingHTTPServer" in command_line(pid))
    os.kill(web, signal.SIGKILL)
    assert "exit code -9" in again.await_line("web ended unasked")
    os.kill(worker, signal.SIGKILL)
    assert processes.wait_until(lambda: not again.everyone(), 10, step=0.1), command_lines(again)
    assert again.process.wait(10) == 137


def test_exec_a_refused_second_start_and_an_orderly_stop(start: Start, bare_env: Mapping[str, str]) -> None:
    hub = start()

    def run(*arguments: str, port: int = hub.port) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-P", "-m", "feedbackhub.local", "run", *arguments],
            env={**bare_env, "FEEDBACKHUB_HOME": str(hub.home), "PORT": str(port), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )

    hub.await_line("Ready")
    done = run("exec", "sh", "-c", "echo $DATABASE_URL; exit 7")
    assert (done.returncode, done.stdout.strip()) == (7, environment_of(hub)["DATABASE_URL"])

    taken = run()
    assert (taken.returncode, taken.stderr.split("(")[0]) == (2, f"Cannot listen on port {hub.port} ")
    locked = run(port=hub.port + 1)
    assert (locked.returncode, f"(process {hub.process.pid})" in locked.stderr) == (2, True), locked.stderr

    hub.process.send_signal(signal.SIGINT)
    assert hub.process.wait(20) == 0
    assert hub.everyone() == []
    assert "database system is shut down" in (hub.home / "logs" / "postgres.log").read_text()
    done = run("exec", "true")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"No hub is running on the data in {hub.home}.")
