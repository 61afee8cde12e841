"""The hub's own processes and management commands, as `./run` starts them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from feedbackhub.local.environment import ROOT, present
from feedbackhub.local.errors import LocalError

HOST = "127.0.0.1"
DEFAULT_PORT = 8000
WORKER_PROCESSES = 2
STOPPING_SECONDS = 10


def port(env: Mapping[str, str]) -> int:
    """PORT, or 8000."""
    text = env.get("PORT", "").strip() if present(env, "PORT") else str(DEFAULT_PORT)
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise LocalError(f"PORT is {text!r}. It must be a number between 1 and 65535.")
    return int(text)


def base_url(env: Mapping[str, str]) -> str:
    return f"http://{HOST}:{port(env)}"


def web() -> list[str]:
    return _module("feedbackhub.local.web")


def worker() -> list[str]:
    # One worker has nobody to gossip with, and waiting for an answer costs a second of every start.
    alone = ("--without-gossip", "--without-mingle")
    return _module("celery", "-A", "feedbackhub", "worker", "-c", str(WORKER_PROCESSES), "-l", "INFO", *alone)


def beat(schedule: Path) -> list[str]:
    return _module("celery", "-A", "feedbackhub", "beat", "-s", str(schedule), "--pidfile=", "-l", "INFO")


def _module(name: str, *arguments: str) -> list[str]:
    """Not by its script in .venv/bin: that names the folder it was installed in, which may have been moved."""
    return [sys.executable, "-P", "-m", name, *arguments]


def manage(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), *arguments]
