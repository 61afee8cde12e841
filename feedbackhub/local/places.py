"""Short private directories for unix sockets."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from feedbackhub.local.errors import LocalError
from feedbackhub.local.postgres_binaries import reachable
from feedbackhub.local.processes import Account

# The kernel's limit for a socket's path is 107 bytes; PostgreSQL adds "/pg/.s.PGSQL.5432.lock" to the directory.
LONGEST = 107 - len("/feedbackhub-test-12345678/pg/.s.PGSQL.5432.lock")


def temporary_base(account: Account | None) -> Path:
    """A folder for temporary files whose name is short enough and that the server's user can enter."""
    for candidate in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp"), Path("/dev/shm")):
        fits = len(os.fsencode(candidate)) <= LONGEST
        if fits and os.access(candidate, os.W_OK | os.X_OK) and (account is None or reachable(candidate, account, 0o1)):
            return candidate
    raise LocalError("No folder for temporary files can be used: /tmp is not writable. Set TMPDIR to a short path.")


def make_private(prefix: str, account: Account | None) -> Path:
    """A new directory that only we can list; with a server user, one that it can pass through to its own below."""
    # mkdtemp never takes a directory that exists, so it is never somebody else's.
    directory = Path(tempfile.mkdtemp(prefix=prefix, dir=temporary_base(account)))
    directory.chmod(0o700 if account is None else 0o711)
    return directory


def make_for_server(directory: Path, account: Account | None) -> Path:
    """The same directory, made and given to the server's user alone."""
    directory.mkdir(mode=0o700, exist_ok=True)
    if account is not None:
        os.chown(directory, account.uid, account.gid)
    return directory
