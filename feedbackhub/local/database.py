"""Cheap questions to the database, so that a usual start need not load Django to learn that nothing is to do."""

from __future__ import annotations

import hashlib
from pathlib import Path

import psycopg

from feedbackhub.local.environment import ROOT


def is_current(url: str, stamp: Path) -> bool:
    """Whether the last successful `migrate` saw the same migration files, and the database still has its rows."""
    try:
        return stamp.read_text() == state(url)
    except (OSError, psycopg.Error):
        return False


def state(url: str) -> str:
    """Changes with the project's migrations, the installed packages' and the rows of django_migrations."""
    digest = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    for path in sorted(ROOT.glob("*/migrations/*.py")):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    with psycopg.connect(url, connect_timeout=5) as connection:
        for row in connection.execute("SELECT app, name FROM django_migrations ORDER BY app, name"):
            digest.update("/".join(row).encode())
    return digest.hexdigest()


def is_empty(url: str) -> bool:
    """Whether there is no account yet."""
    with psycopg.connect(url, connect_timeout=5) as connection:
        return connection.execute("SELECT 1 FROM accounts_account LIMIT 1").fetchone() is None
