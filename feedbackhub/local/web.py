"""`python -m feedbackhub.local.web`: the web server of `./run`.

The hub is loaded once and the web processes are forked from that, which halves the time and the memory of a start.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from typing import TYPE_CHECKING

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from feedbackhub.local import hub
from feedbackhub.local.processes import die_with_parent

if TYPE_CHECKING:
    from django.core.handlers.wsgi import WSGIHandler

# Each thread keeps a database connection; all of them together must stay well below PostgreSQL's 100.
PROCESSES = 2
THREADS = 8


def load() -> WSGIHandler:
    """The application, asked for in each web process; such a process must not outlive the server that forked it."""
    die_with_parent(signal.SIGKILL, os.getppid())
    from feedbackhub.wsgi import application

    return application


def preload() -> None:
    """Loads what the first request would need. Opens no connection: a forked one would be shared."""
    from django.urls import get_resolver

    import feedbackhub.wsgi  # noqa: F401

    _ = get_resolver().url_patterns


def main() -> None:
    multiprocessing.set_start_method("fork")
    preload()
    Server(
        "feedbackhub.local.web:load",
        factory=True,
        address=hub.HOST,
        port=hub.port(os.environ),
        interface=Interfaces.WSGI,
        workers=PROCESSES,
        blocking_threads=THREADS,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=hub.STOPPING_SECONDS - 2,
        log_level=LogLevels.error,
    ).serve()


if __name__ == "__main__":
    main()
