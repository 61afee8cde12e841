"""What the tests of the supervisor share."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from feedbackhub.local import embedded, processes
from feedbackhub.local.environment import ROOT

SERVICES = (*embedded.POSTGRES_VARIABLES, *embedded.VALKEY_VARIABLES)


@pytest.fixture
def bare_env() -> dict[str, str]:
    """This run's environment without the services that it was given."""
    return {name: value for name, value in os.environ.items() if name not in SERVICES}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that only we can enter: as root, the server's user cannot."""
    path = Path(tempfile.mkdtemp())
    yield path
    shutil.rmtree(path)


@dataclass
class StandIn:
    """A running stand-in hub: its supervisor and what it said."""

    process: subprocess.Popen[str]
    home: Path
    port: int

    def await_line(self, start: str) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith(start):
                return line
        raise AssertionError(f"it ended with {self.process.wait()} and never said {start!r}")

    def everyone(self) -> list[int]:
        """Every process of this hub, wherever it was put: each has the folder in its environment or works in it."""
        return [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and self._belongs(pid)]

    def _belongs(self, pid: str) -> bool:
        mark = f"FEEDBACKHUB_HOME={self.home}".encode()
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            return processes.is_alive(int(pid)) and (mark in environment or self._works_here(pid))
        except OSError:
            return False

    def _works_here(self, pid: str) -> bool:
        return Path(os.readlink(f"/proc/{pid}/cwd")).is_relative_to(self.home)


@pytest.fixture
def start(folder: Path, bare_env: Mapping[str, str]) -> Iterator[Callable[[], StandIn]]:
    """Starts a stand-in hub on the same data each time it is called."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    started: list[StandIn] = []
    env = {**bare_env, "FEEDBACKHUB_HOME": str(folder / "home"), "PORT": str(port), "PYTHONPATH": str(ROOT)}

    def start() -> StandIn:
        program = Path(__file__).with_name("stand_in.py")
        process = subprocess.Popen(
            [sys.executable, "-P", program], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        started.append(StandIn(process, folder / "home", port))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.communicate()
        left = [] if processes.wait_until(lambda each=each: not each.everyone(), 20, step=0.1) else each.everyone()
        processes.send(signal.SIGKILL, left)
        assert left == []
