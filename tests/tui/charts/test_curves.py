"""Downsampled curves keep their extremes and gaps, and old points keep their place."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tui.charts.curves import clean, smooth, thin

anything = npst.arrays(
    np.float64, st.integers(0, 400), elements=st.floats(allow_nan=True, allow_infinity=True)
)


@given(anything, st.integers(1, 60), st.booleans())
def test_thinning_keeps_the_extremes_and_stays_small(y: np.ndarray, buckets: int, log: bool) -> None:
    xs, ys = clean(np.arange(len(y)), y, log)
    points = thin(xs, ys, buckets)
    assert len(points) <= 4 * buckets
    kept = points[np.isfinite(points[:, 1]), 1]
    whole = ys[np.isfinite(ys)]
    assert len(kept) == 0 if len(whole) == 0 else (kept.min(), kept.max()) == (whole.min(), whole.max())
    assert (np.diff(points[np.isfinite(points[:, 0]), 0]) > 0).all()


def test_values_that_are_not_finite_are_gaps() -> None:
    _, ys = clean([1, 2, 3, 4], [1.0, math.nan, math.inf, 2.0])
    assert np.isnan(ys).tolist() == [False, True, True, False]


def test_a_logarithm_of_zero_is_a_gap() -> None:
    _, ys = clean([1, 2, 3], [0.0, -1.0, 100.0], log=True)
    assert np.isnan(ys).tolist() == [True, True, False]
    assert ys[2] == 2


def test_lengths_that_differ_are_cut() -> None:
    xs, ys = clean([1, 2, 3], [1.0])
    assert len(xs) == len(ys) == 1


def test_old_points_stay_as_data_grow() -> None:
    y = np.random.default_rng(0).random(900)
    before, after = (thin(*clean(np.arange(n), y[:n]), 100) for n in (801, 900))
    old = {tuple(point) for point in before.tolist()[:-4]}
    assert old <= {tuple(point) for point in after.tolist()}


@given(st.floats(0.0, 0.99), st.integers(1, 500), st.floats(-1e6, 1e6))
def test_a_constant_stays_itself_when_smoothed(weight: float, n: int, value: float) -> None:
    points = smooth(*clean(np.arange(n), np.full(n, value)), weight, 50)
    assert points[:, 1] == pytest.approx(np.full(len(points), value), rel=1e-9, abs=1e-9)


def test_smoothing_is_the_running_mean_without_a_bias() -> None:
    points = smooth(*clean([0, 1, 2], [1.0, math.nan, 3.0]), 0.5, 50)
    assert points[0, 1] == 1
    assert np.isnan(points[1, 1])
    assert points[2, 1] == pytest.approx((0.25 * 1 + 0.5 * 3) / 0.75)
