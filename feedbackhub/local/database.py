"""Cheap questions to the database, so that a usual start need not load Django to learn that nothing is to do."""

from __future__ import annotations

import ast
import hashlib
import json
from functools import cache
from pathlib import Path

import psycopg

from feedbackhub.local.environment import ROOT


class Stamp:
    """What the instance's folder remembers of its database: the migrations as they were, and how far it has come."""

    def __init__(self, url: str, file: Path) -> None:
        self._url = url
        self._file = file
        self._state, self._files = _read(file)

    @property
    def is_current(self) -> bool:
        """Whether the last successful `migrate` saw the same migration files, and the database still has its rows."""
        return self._state == self._now()

    def changed_in_place(self) -> list[str]:
        """Migrations that the database has had in another form than the files have now, or that are gone.

        `migrate` goes by names alone and would take such a database for a current one.
        """
        return [name for name in self._applied() if self._files.get(name) != migrations().get(name)]

    def begin(self) -> None:
        """Notes the files before they are applied: a start that is killed on the way must not look like that."""
        self._keep("")

    def finish(self) -> None:
        self._keep(self._now())

    def _keep(self, state: str) -> None:
        self._state, self._files = state, migrations()
        self._file.write_text(json.dumps({"state": state, "files": self._files}))

    def _applied(self) -> list[str]:
        """Ours that the database has had."""
        apps = sorted({name.partition("/")[0] for name in migrations()})
        with psycopg.connect(self._url, connect_timeout=5) as connection:
            if connection.execute("SELECT to_regclass('django_migrations')").fetchone() == (None,):
                return []
            rows = connection.execute(
                "SELECT app || '/' || name FROM django_migrations WHERE app = ANY(%s) ORDER BY 1", [apps]
            )
            return [name for (name,) in rows]

    def _now(self) -> str:
        """Changes with our migrations, the installed packages', and what the database has had."""
        digest = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
        digest.update(json.dumps([migrations(), self._applied()]).encode())
        return digest.hexdigest()


@cache
def migrations() -> dict[str, str]:
    """app/name → digest of the file."""
    files = sorted(ROOT.glob("*/migrations/[0-9]*.py"))
    return {f"{file.parent.parent.name}/{file.stem}": digest_of(file.read_bytes()) for file in files}


def digest_of(source: bytes) -> str:
    """Of what the code does: comments and formatting change nothing."""
    return hashlib.sha256(ast.dump(ast.parse(source)).encode()).hexdigest()


def is_empty(url: str) -> bool:
    """Whether there is no account yet."""
    with psycopg.connect(url, connect_timeout=5) as connection:
        return connection.execute("SELECT 1 FROM accounts_account LIMIT 1").fetchone() is None


def _read(file: Path) -> tuple[str, dict[str, str]]:
    try:
        kept = json.loads(file.read_text())
        return kept["state"], kept["files"]
    except (OSError, ValueError, TypeError, KeyError):
        return "", {}
