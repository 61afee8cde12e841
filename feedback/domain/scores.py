"""Scores from counts, each with what it rests on. No arithmetic of scores is done elsewhere."""

from __future__ import annotations

import math
from dataclasses import dataclass

# 95 %, two-sided.
Z = 1.959963984540054


@dataclass(frozen=True)
class Score:
    """A figure with what it rests on; `value` is None without answers, never 0."""

    formula: str
    n: int
    value: float | None
    low: float | None
    high: float | None


def nps(*, promoters: int, detractors: int, n: int) -> Score:
    """Plain NPS from -100 to 100; the interval is the adjusted Wald one, which adds three answers, a quarter of them
    promoters and a quarter detractors, and so stays honest where n is small."""
    if n == 0:
        return Score("nps", 0, None, None, None)
    wide = n + 3
    p, d = (promoters + 0.75) / wide, (detractors + 0.75) / wide
    half = Z * math.sqrt((p + d - (p - d) ** 2) / wide)
    return Score(
        "nps",
        n,
        100 * (promoters - detractors) / n,
        max(-100.0, 100 * (p - d - half)),
        min(100.0, 100 * (p - d + half)),
    )


def share(*, hits: int, n: int) -> Score:
    """A share in percent (response rate, clicks) with its Wilson interval."""
    if n == 0:
        return Score("wilson", 0, None, None, None)
    p, z2 = hits / n, Z * Z
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return Score("wilson", n, 100 * p, max(0.0, 100 * (centre - half)), min(100.0, 100 * (centre + half)))
