"""A cursor for the statements of the hot path: parsed and planned once per connection, not once per row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.utils import CursorWrapper


class PreparedCursor(psycopg.Cursor[tuple[object, ...]]):
    """Binds on the server, so that psycopg prepares what it runs again and again (`prepare_threshold` in dsn.py)."""

    # pghistory leaves cursors with a name alone. For all others it puts a SELECT set_config(…) in front of a write, and
    # two statements cannot be prepared as one. Hence: never for a table that the audit tracks.
    name = "prepared"


@contextmanager
def prepared() -> Iterator[CursorWrapper]:
    """As `connection.cursor()`: opens a connection if there is none, and tells Django of errors and queries."""
    # Looked up once: `django.db.connection` would look it up for every attribute.
    mine = connections[DEFAULT_DB_ALIAS]
    mine.close_if_health_check_failed()
    mine.ensure_connection()
    with mine.wrap_database_errors:
        cursor: CursorWrapper = mine._prepare_cursor(PreparedCursor(mine.connection))  # type: ignore[attr-defined]
    with cursor:
        yield cursor
