"""One run at a time in the whole installation, for a tick that may take longer than its beat.

Without it, one big backlog would fill every place of the workers with the same tick, and the sender would wait for one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

# First half of the lock; the second is the tick's name.
_LOCK = 0x414C


@contextmanager
def alone(name: str) -> Iterator[bool]:
    """Whether this run is the only one of its name; the lock goes with the connection if the process dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [_LOCK, name])
        (got,) = cursor.fetchone()
    try:
        yield got
    finally:
        if got:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", [_LOCK, name])
