"""The folder that holds an instance's data: its layout, its lock, its secrets, and the note of what is running."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from feedbackhub.local import processes
from feedbackhub.local.environment import ROOT, present, random_secrets
from feedbackhub.local.errors import LocalError

STOPPING = "stopping"
LOG_LIMIT = 10 * 1024 * 1024


@dataclass(frozen=True)
class Home:
    """An instance's folder. Everything below it is ours alone; the folder itself may be the user's."""

    path: Path

    @property
    def postgres(self) -> Path:
        return self.path / "pg"

    @property
    def valkey(self) -> Path:
        return self.path / "valkey"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def beat_schedule(self) -> Path:
        return self.path / "beat" / "schedule"

    @property
    def migrated(self) -> Path:
        return self.path / "migrated"

    @property
    def _lock(self) -> Path:
        return self.path / "lock"

    @property
    def _environment(self) -> Path:
        return self.path / "environment.json"

    def log(self, name: str) -> Path:
        """The file for a process's output. One that has grown large makes room; its predecessor is kept."""
        path = self.logs / f"{name}.log"
        if path.exists() and path.stat().st_size > LOG_LIMIT:
            path.replace(path.with_suffix(".log.1"))
        return path

    def make(self) -> None:
        """Makes what is missing. A folder that exists keeps its mode: it may not be ours to change."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in (self.logs, self.beat_schedule.parent):
                folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise LocalError(
                f"Cannot keep data in {self.path} ({error.strerror}). Set FEEDBACKHUB_HOME to a folder of yours."
            ) from None

    def acquire(self, *, patience: float = 30) -> int:
        """Locks the folder for this process and those that inherit the descriptor; waits for one that is ending."""
        try:
            descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        except PermissionError:
            raise LocalError(
                f"{self.path} belongs to another user. Run as that user, or set FEEDBACKHUB_HOME to a folder of yours."
            ) from None
        deadline = time.monotonic() + patience
        while not _try_lock(descriptor):
            holder = _read_lock(descriptor)
            if not _is_ending(holder) or time.monotonic() > deadline:
                os.close(descriptor)
                raise LocalError(
                    f"A hub already runs on the data in {self.path} (process {holder[0] or 'unknown'}). "
                    "Stop it first, or set FEEDBACKHUB_HOME and PORT to start a second one beside it."
                )
            time.sleep(0.05)
        self._write_lock(descriptor, str(os.getpid()))
        return descriptor

    def announce_stop(self, descriptor: int) -> None:
        """A start that comes now waits for us instead of giving up."""
        self._write_lock(descriptor, f"{os.getpid()} {STOPPING}")

    @staticmethod
    def _write_lock(descriptor: int, text: str) -> None:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, text.encode(), 0)

    def is_running(self) -> bool:
        try:
            descriptor = os.open(self._lock, os.O_RDONLY)
        except OSError:
            return False
        try:
            return not _try_lock(descriptor)
        finally:
            os.close(descriptor)

    def secrets(self, env: Mapping[str, str]) -> dict[str, str]:
        """The instance's secrets, made once; the environment's own come first."""
        path = self.path / "secrets.env"
        kept = _parse(path.read_text()) if path.exists() else {}
        if missing := {name: value for name, value in random_secrets().items() if name not in kept}:
            kept |= missing
            _write_private(path, "".join(f"{name}={value}\n" for name, value in kept.items()))
        return kept | {name: env[name] for name in kept if present(env, name)}

    def note_environment(self, env: Mapping[str, str]) -> None:
        """For `./run exec`: the variables of the running instance."""
        _write_private(self._environment, json.dumps(dict(env)))

    def noted_environment(self) -> dict[str, str] | None:
        """None when nothing runs here, or its services do not answer yet."""
        if not self.is_running():
            return None
        try:
            return dict(json.loads(self._environment.read_text()))
        except (OSError, ValueError):
            return None

    def forget_environment(self) -> None:
        self._environment.unlink(missing_ok=True)


def locate(env: Mapping[str, str]) -> Home:
    """FEEDBACKHUB_HOME, else .data in the project, else the user's data folder when the project is read-only."""
    if present(env, "FEEDBACKHUB_HOME"):
        return Home(Path(env["FEEDBACKHUB_HOME"].strip()).expanduser().absolute())
    inside = ROOT / ".data"
    if os.access(inside if inside.exists() else ROOT, os.W_OK | os.X_OK):
        return Home(inside)
    try:
        shared = Path(env["XDG_DATA_HOME"]) if present(env, "XDG_DATA_HOME") else Path.home() / ".local" / "share"
    except RuntimeError:
        raise LocalError(f"{ROOT} is not writable and there is no home directory. Set FEEDBACKHUB_HOME.") from None
    return Home(shared.absolute() / "feedbackhub")


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read_lock(descriptor: int) -> tuple[int | None, bool]:
    """The holder's pid and whether it said that it is stopping."""
    words = os.pread(descriptor, 100, 0).decode(errors="replace").split()
    pid = int(words[0]) if words and words[0].isdigit() else None
    return pid, STOPPING in words


def _is_ending(holder: tuple[int | None, bool]) -> bool:
    """It stops, or was killed and its guard is clearing up after it, or has only just taken the lock."""
    pid, stopping = holder
    return stopping or pid is None or not processes.is_alive(pid)


def _parse(text: str) -> dict[str, str]:
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


def _write_private(path: Path, text: str) -> None:
    """Written whole or not at all, and never readable by others."""
    partial = path.with_name(f".{path.name}.new")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
