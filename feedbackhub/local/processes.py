"""Starting, watching and ending processes so that none outlives its supervisor.

Everything here is for a single-threaded parent that keeps its signals blocked and asks for them with `sigtimedwait`:
there are no handlers, so nothing can interrupt a step half-way.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

_libc = ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl failed")


def die_with_parent(signum: signal.Signals, parent: int) -> None:
    """The kernel sends `signum` to this process when `parent` is gone, even by SIGKILL.

    Call it after a change of user, which clears the setting. A parent that died just before is noticed here.
    """
    _prctl(PR_SET_PDEATHSIG, signum)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def adopt_orphans() -> None:
    """Descendants whose parent dies become our children, so `descendants` keeps seeing them."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


@dataclass(frozen=True)
class Account:
    """The user that a child runs as."""

    name: str
    uid: int
    gid: int


def spawn(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    output: IO[bytes] | int | None = None,
    stdin: int | None = subprocess.DEVNULL,
    cwd: Path | None = None,
    account: Account | None = None,
    keep_open: Iterable[int] = (),
    on_parent_death: signal.Signals = signal.SIGKILL,
    own_session: bool = True,
    umask: int = 0o077,
) -> subprocess.Popen[bytes]:
    """Starts a child in a session of its own (a terminal's Ctrl-C is ours to pass on) that dies with us."""
    parent = os.getpid()

    def before_exec() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        for signum in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
            signal.signal(signum, signal.SIG_DFL)
        die_with_parent(on_parent_death, parent)

    return subprocess.Popen(
        command,
        env=dict(env),
        cwd=cwd,
        stdin=stdin,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        start_new_session=own_session,
        pass_fds=tuple(keep_open),
        preexec_fn=before_exec,
        umask=umask,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def reap_adopted(own: Iterable[subprocess.Popen[bytes]]) -> None:
    """Collects dead processes that were left to us; our own children are left to their Popen."""
    ours = {child.pid for child in own}
    while True:
        try:
            dead = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if dead is None or dead.si_pid in ours:
            return
        os.waitpid(dead.si_pid, os.WNOHANG)


def descendants(pid: int) -> list[int]:
    """All living processes below `pid`, parents first."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (parent := _parent_of(int(entry))) is not None:
            children.setdefault(parent, []).append(int(entry))
    found: list[int] = []
    frontier = [pid]
    while frontier:
        below = children.get(frontier.pop(0), [])
        found += below
        frontier += below
    return found


def _parent_of(pid: int) -> int | None:
    """None when the process is gone or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    state, parent = stat[stat.rindex(b")") + 2 :].split()[:2]
    return None if state in (b"Z", b"X") else int(parent)


def is_alive(pid: int) -> bool:
    return _parent_of(pid) is not None


def working_in(directory: Path) -> list[int]:
    """Processes whose working directory is this one: a server's data directory is, however its path was spelled."""
    try:
        wanted = directory.stat()
    except OSError:
        return []
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit() and _works_in(entry, wanted)]


def _works_in(pid: str, wanted: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.stat(f"/proc/{pid}/cwd"), wanted)
    except OSError:
        return False


def send(signum: signal.Signals, pids: Iterable[int]) -> None:
    for pid in pids:
        try:
            os.kill(pid, signum)
        except (ProcessLookupError, PermissionError):
            continue


def kill_group(leader: int) -> None:
    """Ends a child started in a session of its own, and whatever stayed in its process group."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def wait_until(condition: Callable[[], bool], seconds: float, *, step: float = 0.02) -> bool:
    """Whether the condition became true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(step)
    return True


def kill_all_descendants(*, spare: Iterable[int] = ()) -> None:
    """Ends everything below this process for good, also what was started meanwhile or left by a dead parent."""
    spared = set(spare)
    deadline = time.monotonic() + 5
    while (left := [pid for pid in descendants(os.getpid()) if pid not in spared]) and time.monotonic() < deadline:
        send(signal.SIGKILL, left)
        reap_adopted(())
        time.sleep(0.01)
    reap_adopted(())
