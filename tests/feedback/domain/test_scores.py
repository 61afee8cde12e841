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
        (8, 10, (49.02, 94.33)),
        (80, 100, (71.12, 86.66)),
        (10, 10, (72.25, 100)),
        (0, 5, (0, 43.45)),
    ],
)
def test_a_share_has_wilsons_interval(hits, n, expected):
    score = scores.share(formula="csat_top2", hits=hits, n=n)
    assert (score.value, round(score.low or 0, 2), round(score.high or 0, 2)) == (100 * hits / n, *expected)


def test_a_mean_has_no_interval_and_nothing_has_none():
    assert scores.mean("stars_mean", total=9, n=2) == scores.Score("stars_mean", 2, 4.5)
    assert scores.mean("stars_mean", total=0, n=0).value is None
    assert scores.share(formula="thumbs_up", hits=0, n=0) == scores.Score("thumbs_up", 0, None)


def test_two_shares_differ_when_chance_would_hardly_do_it():
    # Newcombe 1998, method 10: 56/70 less 48/80 is 0.2, from 0.0524 to 0.3339.
    change = scores.share_change(now=(56, 70), before=(48, 80))
    assert change is not None
    assert (round(change.value, 2), round(change.low, 2), round(change.high, 2)) == (20, 5.24, 33.39)
    assert change.changed
    few = scores.share_change(now=(4, 5), before=(3, 5))
    assert few is not None
    assert not few.changed


def test_two_nps_differ_when_the_interval_of_the_difference_excludes_nothing():
    up = scores.nps_change(now=(500, 200, 1000), before=(300, 300, 1000))
    same = scores.nps_change(now=(5, 2, 10), before=(4, 3, 10))
    assert up is not None
    assert same is not None
    assert (up.value, up.changed, round(same.value), same.changed) == (30, True, 20, False)
    assert scores.nps_change(now=(5, 2, 10), before=(0, 0, 0)) is None
