"""Short private directories for unix sockets."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from feedbackhub.local.errors import LocalError
from feedbackhub.local.postgres_binaries import reachable
from feedbackhub.local.processes import Account

# The kernel's limit for a socket's path is 107 bytes; PostgreSQL adds "/pg/.s.PGSQL.5432.lock" to the directory.
LONGEST = 107 - len("/feedbackhub-12345678/pg/.s.PGSQL.5432.lock")
PREFIX = "feedbackhub-"
IN_USE = "in-use"


def temporary_base(account: Account | None) -> Path:
    """A folder for temporary files whose name is short enough and that the server's user can enter."""
    for candidate in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp"), Path("/dev/shm")):
        fits = len(os.fsencode(candidate)) <= LONGEST
        if fits and os.access(candidate, os.W_OK | os.X_OK) and (account is None or reachable(candidate, account, 0o1)):
            return candidate
    raise LocalError("No folder for temporary files can be used: /tmp is not writable. Set TMPDIR to a short path.")


def make_private(account: Account | None) -> Path:
    """A new directory that only we can list; with a server user, one that it can pass through to its own below.

    It is marked as in use until this process and those forked from it are gone.
    """
    base = temporary_base(account)
    _sweep(base)
    # mkdtemp never takes a directory that exists, so it is never somebody else's.
    directory = Path(tempfile.mkdtemp(prefix=PREFIX, dir=base))
    directory.chmod(0o700 if account is None else 0o711)
    fcntl.flock(os.open(directory / IN_USE, os.O_CREAT | os.O_RDWR, 0o600), fcntl.LOCK_EX)
    return directory


def _sweep(base: Path) -> None:
    """Removes directories of instances and test runs that were killed together with their guard."""
    for left in base.glob(f"{PREFIX}*"):
        try:
            with (left / IN_USE).open() as mark:
                fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if left.lstat().st_uid == os.geteuid():
                    shutil.rmtree(left, ignore_errors=True)
        except OSError:
            continue


def make_for_server(directory: Path, account: Account | None) -> Path:
    """The same directory, made and given to the server's user alone."""
    directory.mkdir(mode=0o700, exist_ok=True)
    if account is not None:
        os.chown(directory, account.uid, account.gid)
    return directory
