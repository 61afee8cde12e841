"""A child that is started again when it ends unasked, and stopped in good order."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from feedbackhub.local import processes
from feedbackhub.local.guardian import Signals

LONGEST_BACKOFF = 30.0
# Nothing works without them, and they start in a second.
BACKEND_BACKOFF = 4.0
STEADY_SECONDS = 60.0


@dataclass
class Watched:
    """One process of the hub. `crashes` counts ends in a row; running steadily for a minute forgives them."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    child: subprocess.Popen[bytes] | None = None
    crashes: int = 0
    started: float = 0.0
    due: float = field(default=0.0)
    longest_backoff: float = LONGEST_BACKOFF

    def launch(self) -> subprocess.Popen[bytes]:
        self.started = time.monotonic()
        self.child = self.start()
        return self.child

    def ended(self) -> int | None:
        """The exit code, told once: when the child has ended since the last question."""
        if self.child is None or self.child.poll() is None:
            return None
        code = self.child.returncode
        # What it forked may have survived it and hold its port or its queue.
        processes.kill_group(self.child.pid)
        self.child = None
        now = time.monotonic()
        self.crashes = 1 if now - self.started > STEADY_SECONDS else self.crashes + 1
        self.due = now + self.pause
        return code

    @property
    def pause(self) -> float:
        """Seconds between the last end and the next try."""
        return min(backoff(self.crashes), self.longest_backoff)

    @property
    def must_start(self) -> bool:
        return self.child is None and time.monotonic() >= self.due

    @property
    def pid(self) -> int | None:
        return None if self.child is None or self.child.poll() is not None else self.child.pid


def backoff(crashes: int) -> float:
    """Seconds before the next try: at once, then doubling."""
    return min(0.5 * 2.0 ** (crashes - 1), LONGEST_BACKOFF)


def stop(watched: list[Watched], signals: Signals, *, signum: signal.Signals, seconds: float) -> None:
    """Asks all of them to end, waits, then kills those that did not with everything they started.

    Whoever asks a second time, or kills our guard, does not want to wait.
    """
    deadline = time.monotonic() + seconds
    for each in watched:
        if each.pid is not None:
            os.kill(each.pid, signum)
    while any(each.pid is not None for each in watched) and time.monotonic() < deadline and not signals.hurry:
        signals.sleep(0.1)
    for each in watched:
        if each.child is not None:
            processes.kill_group(each.child.pid)
            each.child.wait()
            each.child = None
