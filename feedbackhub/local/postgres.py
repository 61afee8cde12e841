"""The embedded PostgreSQL: makes the data directory, starts the server on a unix socket, stops it.

Root's data directory may lie below folders that the server's user cannot enter, and their modes are not ours to
change. So the directory is opened here and handed over as a file descriptor: the server reaches it as
/proc/self/fd/N, works inside it from then on, and needs no permission on anything above.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from feedbackhub.local import processes
from feedbackhub.local.errors import LocalError
from feedbackhub.local.postgres_binaries import Binaries
from feedbackhub.local.processes import Account

ROLE = "feedbackhub"
DATABASE = "feedbackhub"
PORT = 5432
FIRST_WITH_BUILTIN_LOCALE = 17
FIRST_WITH_CHECKSUMS_BY_DEFAULT = 18


@dataclass(frozen=True)
class Cluster:
    """One data directory and how it is served. `durable` False is for data nobody will miss."""

    binaries: Binaries
    data: Path
    sockets: Path
    log: Path
    account: Account | None
    durable: bool = True

    def url(self, database: str = DATABASE) -> str:
        # The port is only a part of the socket's name, but a PGPORT in the environment would change it.
        return f"postgresql://{ROLE}@:{PORT}/{database}?host={quote(str(self.sockets), safe='')}"


def prepare(cluster: Cluster, *, env: Mapping[str, str]) -> None:
    """Makes the data directory if there is none, and clears what a killed server left in it."""
    cluster.data.mkdir(mode=0o700, exist_ok=True)
    owner = cluster.data.stat().st_uid
    if cluster.account is not None and owner == 0:
        os.chown(cluster.data, cluster.account.uid, cluster.account.gid)
    elif cluster.account is None and owner != os.geteuid():
        raise LocalError(f"{cluster.data} belongs to another user: it was made by a start as root. Run as root again.")
    version = _version_of(cluster.data)
    if version is None or _unfinished(cluster.data).exists():
        _initialise(cluster, env=env)
    elif version != str(cluster.binaries.major):
        raise LocalError(
            f"The data in {cluster.data} was made by PostgreSQL {version}; this is {cluster.binaries.major}, which "
            f"cannot read it. Point FEEDBACKHUB_PG_BIN at PostgreSQL {version}'s programs to go on as before, or dump "
            "the data with that version and load it into a new FEEDBACKHUB_HOME."
        )
    else:
        _end_predecessor(cluster.data)


def _version_of(data: Path) -> str | None:
    try:
        return (data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        return None


def _unfinished(data: Path) -> Path:
    """Marks a directory whose initdb did not end: PG_VERSION is written first and proves nothing."""
    return data.with_name(f"{data.name}.unfinished")


def _initialise(cluster: Cluster, *, env: Mapping[str, str]) -> None:
    marker = _unfinished(cluster.data)
    if any(cluster.data.iterdir()) and not marker.exists():
        raise LocalError(f"{cluster.data} holds files, but is no PostgreSQL data directory. Choose another place.")
    marker.touch(mode=0o600)
    _empty(cluster.data)
    with _handed_over(cluster) as (path, fds), cluster.log.open("ab") as output:
        child = processes.spawn(
            [cluster.binaries / "initdb", "-D", path, *_initdb_options(cluster)],
            env=env,
            output=output,
            cwd=Path("/"),
            account=cluster.account,
            keep_open=fds,
        )
        failed = child.wait() != 0
    if failed:
        raise LocalError(f"PostgreSQL could not make its data directory; {cluster.log} says why.")
    marker.unlink()


def _initdb_options(cluster: Cluster) -> list[str]:
    options = ["-U", ROLE, "-A", "trust", "-E", "UTF8", "--no-instructions"]
    if not cluster.durable:
        options += ["--no-sync"]
    if cluster.binaries.major >= FIRST_WITH_BUILTIN_LOCALE:
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    else:
        options += ["--locale=C.UTF-8"]
    if cluster.binaries.major < FIRST_WITH_CHECKSUMS_BY_DEFAULT:
        options += ["--data-checksums"]
    return options


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


@contextmanager
def _handed_over(cluster: Cluster) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The data directory's name for the server, and the descriptors that it must inherit."""
    if cluster.account is None:
        yield str(cluster.data), ()
        return
    descriptor = os.open(cluster.data, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}", (descriptor,)
    finally:
        os.close(descriptor)


def _end_predecessor(data: Path) -> None:
    """A server of an earlier start may still be shutting down here. The pid in postmaster.pid alone proves nothing:
    after a crash or a reboot the number may be anybody's, so what counts is who works in this directory."""
    if processes.working_in(data):
        # Asked again after ten seconds in harder words each time; every one of them keeps committed rows.
        for signum in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            processes.send(signum, _postmaster_first(data))
            if processes.wait_until(lambda: not processes.working_in(data), 10, step=0.05):
                break
        else:
            raise LocalError(f"Another PostgreSQL still works in {data} and does not stop.")
    (data / "postmaster.pid").unlink(missing_ok=True)


def _postmaster_first(data: Path) -> list[int]:
    """The postmaster alone while it lives (it stops its children in order), else whoever is left."""
    working = processes.working_in(data)
    try:
        recorded = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return working
    return [recorded] if recorded in working else working


def start(cluster: Cluster, *, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Starts the server; `answers` says when it is ready."""
    options = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": str(cluster.sockets),
        "unix_socket_permissions": "0700",
        "fsync": "on" if cluster.durable else "off",
        "synchronous_commit": "on" if cluster.durable else "off",
        "full_page_writes": "on" if cluster.durable else "off",
        "max_connections": "100",
        "log_timezone": "UTC",
        # A refused statement holds what people wrote, its detail repeats addresses; our own log has the error.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "timezone": "UTC",
        "jit": "off",
    }
    arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    with _handed_over(cluster) as (path, fds), cluster.log.open("ab") as output:
        return processes.spawn(
            [cluster.binaries / "postgres", "-D", path, *arguments],
            env=env,
            output=output,
            cwd=Path("/"),
            account=cluster.account,
            keep_open=fds,
            # At once, without the checkpoint of an orderly stop, which takes seconds on a busy disk: whoever killed
            # us expects nothing to run. Committed rows are in the log, and the next start reads them from there.
            on_parent_death=signal.SIGQUIT,
        )


def ready_with_database(cluster: Cluster) -> bool:
    """Whether the server takes connections; makes the hub's database if it is missing."""
    try:
        with psycopg.connect(cluster.url("postgres"), autocommit=True, connect_timeout=2) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if found is None:
                connection.execute(f'CREATE DATABASE "{DATABASE}"')
    except psycopg.OperationalError:
        return False
    return True
