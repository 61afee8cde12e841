"""How far each queue of due rows is behind. The app that owns a queue registers it when it is ready."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

# Whoever counts due rows stops here: beyond it the number no longer tells anybody more.
COUNTED = 10_000
# What is due longer than this waits for a worker.
LATE_SECONDS = 120.0


@dataclass(frozen=True)
class Lag:
    """`due` rows wait whose time has come (up to COUNTED); the first has waited for `oldest_seconds`."""

    due: int
    oldest_seconds: float

    @property
    def late(self) -> bool:
        return self.oldest_seconds > LATE_SECONDS


Source = Callable[[], Lag]
_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """`source` looks at the database each time it is asked: every process gives the same answer."""
    _sources[name] = source


def lags() -> dict[str, Lag]:
    """Every queue's lag, by its name."""
    return {name: source() for name, source in _sources.items()}
