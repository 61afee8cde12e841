"""The hub's web server, as ./run starts it, beside a benchmark."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from feedbackhub.local import hub, processes

STARTING_SECONDS = 30


@dataclass(frozen=True)
class Web:
    port: int
    process: subprocess.Popen[bytes]

    def memory(self) -> list[float]:
        """Megabytes of each worker process, what it shares with the others counted in shares."""
        return [_megabytes(pid) for pid in processes.descendants(self.process.pid)]

    def workers(self) -> list[int]:
        return processes.descendants(self.process.pid)


@contextmanager
def serving(database_url: str) -> Iterator[Web]:
    """A web server on a free port; its log goes to a temporary file that is shown if it does not start."""
    port = _free_port()
    env = {**os.environ, "DATABASE_URL": database_url, "PORT": str(port), "FEEDBACKHUB_ENV": "development"}
    with tempfile.TemporaryFile() as log:
        process = processes.spawn(hub.web(), env=env, output=log)
        try:
            _await(port, process, log)
            yield Web(port, process)
        finally:
            process.terminate()
            process.wait()


def _await(port: int, process: subprocess.Popen[bytes], log: object) -> None:
    deadline = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    log.seek(0)  # type: ignore[attr-defined]
    raise SystemExit(f"The web server did not start:\n{log.read().decode(errors='replace')[-2000:]}")  # type: ignore[attr-defined]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _megabytes(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0
