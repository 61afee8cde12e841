"""Test databases, made quickly: the migrations run once, into a template that every other database is a copy of."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg
from django.db import connection, transaction
from django.test import TransactionTestCase

ROOT = Path(__file__).resolve().parents[1]
LOCK = 0x46484242
# Made by migrating, never by a test: emptying them would cost a second after every test that commits.
KEPT = frozenset({"django_migrations", "django_content_type", "auth_permission"})


def named(url: str, name: str) -> str:
    """The same server, another database."""
    return urlsplit(url)._replace(path=f"/{quote(name)}").geturl()


def template(url: str) -> str:
    """The name of a migrated database on this server; made by whoever asks first, while the others wait."""
    name = f"template_{_fingerprint()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return name
        draft = f"{name}_draft"
        connection.execute(f'DROP DATABASE IF EXISTS "{draft}"')
        connection.execute(f'CREATE DATABASE "{draft}"')
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": named(url, draft)},
            check=True,
        )
        connection.execute(f'ALTER DATABASE "{draft}" RENAME TO "{name}"')
    return name


def _fingerprint() -> str:
    """Changes with any migration or installed version."""
    digest = hashlib.sha256()
    for file in [*sorted(ROOT.glob("*/migrations/*.py")), ROOT / "requirements.lock"]:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def take_time_to_copy() -> None:
    """Copying or dropping a whole database on a busy disk takes longer than the hub lets a statement take."""
    usual = connection.creation._nodb_cursor

    @contextmanager
    def patient() -> Iterator[Any]:
        with usual() as cursor:
            cursor.execute("SET statement_timeout = 0")
            yield cursor

    connection.creation._nodb_cursor = patient


def empty_quickly() -> None:
    """Have tests that commit end by deleting the few rows they left.

    Django's flush truncates every table, which makes a hundred files anew, and then makes all permissions anew.
    """
    TransactionTestCase._fixture_teardown = delete_rows  # type: ignore[method-assign]


def delete_rows(_case: Any = None) -> None:
    """Of every table that a test fills."""
    with transaction.atomic(), connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if name not in KEPT]
        probes = (f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in tables)
        cursor.execute(" UNION ALL ".join(probes))
        filled = [name for (name,) in cursor.fetchall()]
        # No foreign keys and no triggers meanwhile: the audit's rows refuse to be deleted.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for name in filled:
            cursor.execute(f"DELETE FROM {name}")
