"""Scores and their intervals."""

from __future__ import annotations

import pytest

from feedback.domain import scores


@pytest.mark.parametrize(
    ("promoters", "detractors", "n", "expected"),
    [
        (5, 2, 10, (30, -19.05, 65.20)),
        (50, 20, 100, (30, 14.05, 44.20)),
        (500, 200, 1000, (30, 25.08, 34.74)),
        (10, 0, 10, (100, 47.50, 100)),
        (0, 0, 10, (0, -18.47, 18.47)),
    ],
)
def test_nps_has_an_adjusted_wald_interval(promoters, detractors, n, expected):
    score = scores.nps(promoters=promoters, detractors=detractors, n=n)
    assert (score.value, round(score.low or 0, 2), round(score.high or 0, 2), score.n) == (*expected, n)


def test_no_answers_make_no_score():
    assert scores.nps(promoters=0, detractors=0, n=0) == scores.Score("nps", 0, None, None, None)


@pytest.mark.parametrize(
    ("hits", "n", "expected"),
    [
        (8, 10, (80, 49.02, 94.33)),
        (80, 100, (80, 71.12, 86.66)),
        (10, 10, (100, 72.25, 100)),
        (0, 5, (0, 0, 43.45)),
    ],
)
def test_a_share_has_a_wilson_interval(hits, n, expected):
    score = scores.share(hits=hits, n=n)
    assert (score.value, round(score.low or 0, 2), round(score.high or 0, 2), score.n) == (*expected, n)
    assert scores.share(hits=0, n=0) == scores.Score("wilson", 0, None, None, None)
