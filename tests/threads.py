"""Running one thing many times at once, each in a thread with its own database connection."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def at_once(count: int, run: Callable[[int], T]) -> list[T | Exception]:
    """What each run returned or raised, by its number; all start together."""
    start = Barrier(count, timeout=30)

    def one(number: int) -> T | Exception:
        try:
            connection.ensure_connection()
            start.wait()
            return run(number)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))
