"""Scores from counts, each with what it rests on. No arithmetic of scores is done elsewhere.

Formulas: NPS with the adjusted Wald interval, shares with Wilson's, differences of shares with Newcombe's, which is
made of Wilson's two. All at 95 %, two-sided.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

Z = 1.959963984540054


@dataclass(frozen=True)
class Score:
    """A figure with what it rests on; `value` is None without answers, never 0."""

    formula: str
    n: int
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Change:
    """One period's figure less the one before it."""

    value: float
    low: float
    high: float

    @property
    def changed(self) -> bool:
        """Whether chance alone would hardly do this: the interval of the difference excludes 0."""
        return self.low > 0 or self.high < 0


def nps(*, promoters: int, detractors: int, n: int) -> Score:
    """Plain NPS from -100 to 100; the interval is the adjusted Wald one, which adds three answers, a quarter of them
    promoters and a quarter detractors, and so stays honest where n is small."""
    if n == 0:
        return Score("nps", 0, None)
    middle, error = _adjusted(promoters, detractors, n)
    low, high = 100 * (middle - Z * error), 100 * (middle + Z * error)
    return Score("nps", n, 100 * (promoters - detractors) / n, max(-100.0, low), min(100.0, high))


def share(*, hits: int, n: int, formula: str = "share") -> Score:
    """A percentage with Wilson's interval."""
    if n == 0:
        return Score(formula, 0, None)
    low, high = _wilson(hits, n)
    return Score(formula, n, 100 * hits / n, 100 * low, 100 * high)


def mean(formula: str, *, total: float, n: int) -> Score:
    """A mean, which has no interval here: stars are no measurements."""
    return Score(formula, n, total / n if n else None)


def nps_change(*, now: tuple[int, int, int], before: tuple[int, int, int]) -> Change | None:
    """Of two periods' (promoters, detractors, n); None where one has no answers."""
    if not now[2] or not before[2]:
        return None
    errors = math.hypot(_adjusted(*now)[1], _adjusted(*before)[1])
    middle = _adjusted(*now)[0] - _adjusted(*before)[0]
    plain = (now[0] - now[1]) / now[2] - (before[0] - before[1]) / before[2]
    return Change(100 * plain, 100 * (middle - Z * errors), 100 * (middle + Z * errors))


def share_change(*, now: tuple[int, int], before: tuple[int, int]) -> Change | None:
    """Of two periods' (hits, n), in points of percent; None where one has no answers."""
    if not now[1] or not before[1]:
        return None
    p, q = now[0] / now[1], before[0] / before[1]
    (low, high), (low_before, high_before) = _wilson(*now), _wilson(*before)
    down, up = math.hypot(p - low, high_before - q), math.hypot(high - p, q - low_before)
    return Change(100 * (p - q), 100 * (p - q - down), 100 * (p - q + up))


def _adjusted(promoters: int, detractors: int, n: int) -> tuple[float, float]:
    """Middle and standard error of the adjusted Wald interval."""
    wide = n + 3
    p, d = (promoters + 0.75) / wide, (detractors + 0.75) / wide
    return p - d, math.sqrt((p + d - (p - d) ** 2) / wide)


def _wilson(hits: int, n: int) -> tuple[float, float]:
    p, square = hits / n, Z * Z
    middle, scale = p + square / (2 * n), 1 + square / n
    half = Z * math.sqrt(p * (1 - p) / n + square / (4 * n * n))
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
