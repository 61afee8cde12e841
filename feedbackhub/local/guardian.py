"""Two processes that watch each other, so that `kill -9` of either leaves nothing running.

The first one only waits and passes signals on; its child does the work. Both adopt orphans: whichever survives sees
every descendant of the other, even one that left its session, and ends it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import traceback
from collections.abc import Callable

from feedbackhub.local import processes
from feedbackhub.local.errors import LocalError

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
KILLED = 137


class Stop(Exception):
    """Somebody asked the worker to end, or its guard is gone."""


class Signals:
    """The worker's view of the outside: it asks at points of its choosing, nothing interrupts it."""

    def __init__(self, guard: int) -> None:
        self.guard = guard
        self.asked = 0

    @property
    def orphaned(self) -> bool:
        """The guard was killed; so must everything be, as fast as is safe."""
        return os.getppid() != self.guard

    @property
    def hurry(self) -> bool:
        return self.asked > 1 or self.orphaned

    def sleep(self, seconds: float) -> None:
        """Waits until a child dies, somebody asks for the end, or the time is over."""
        info = signal.sigtimedwait((signal.SIGTERM, signal.SIGCHLD), max(seconds, 0))
        if info is not None and info.si_signo == signal.SIGTERM:
            self.asked += 1

    def pause(self, seconds: float) -> None:
        """Like `sleep`, but raises Stop when there is a reason to end."""
        if not (self.asked or self.orphaned):
            self.sleep(seconds)
        if self.asked or self.orphaned:
            raise Stop


def run(work: Callable[[Signals], int], *, clean_up: Callable[[], None]) -> int:
    """Does `work` in a guarded child and returns its exit code; the survivor of the two runs `clean_up`."""
    caught = {each for each in STOPPING if signal.getsignal(each) != signal.SIG_IGN or each != signal.SIGHUP}
    signal.pthread_sigmask(signal.SIG_BLOCK, {*caught, signal.SIGCHLD})
    processes.adopt_orphans()
    guard = os.getpid()
    worker = os.fork()
    if worker == 0:
        os._exit(_worker(work, guard, clean_up))
    try:
        return _watch(worker, caught)
    finally:
        processes.kill_all_descendants()
        clean_up()


def _worker(work: Callable[[Signals], int], guard: int, clean_up: Callable[[], None]) -> int:
    processes.adopt_orphans()
    processes.die_with_parent(signal.SIGTERM, guard)
    # Ctrl-C reaches both; the guard passes one on, this one would be a second.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signals = Signals(guard)
    try:
        return work(signals)
    except Stop:
        return 0
    except LocalError as problem:
        print(problem, file=sys.stderr)
        return 1
    except BaseException:
        # It goes no further than this process: what called `run` waits in the other one.
        traceback.print_exc()
        return 1
    finally:
        processes.kill_all_descendants()
        if signals.orphaned:
            clean_up()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError):
                stream.flush()


def _watch(worker: int, caught: set[signal.Signals]) -> int:
    while True:
        info = signal.sigwaitinfo({*caught, signal.SIGCHLD})
        if info.si_signo != signal.SIGCHLD:
            processes.send(signal.SIGTERM, [worker])
            continue
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return KILLED
            if pid == 0:
                break
            if pid == worker:
                code = os.waitstatus_to_exitcode(status)
                return code if code >= 0 else 128 - code
