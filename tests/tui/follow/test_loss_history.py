"""The loss history in bounded memory."""

import numpy as np
import pytest

from engine.events import Buckets
from tui.follow.loss_history import LossHistory


def test_few_losses_are_kept_one_by_one() -> None:
    history = LossHistory(8)
    history.extend(0, [3.0, None, 1.0])
    curve = history.curve()
    assert curve.steps.tolist() == [0.0, 1.0, 2.0]
    np.testing.assert_array_equal(curve.mean, [3.0, np.nan, 1.0])


def test_a_full_history_merges_neighbours_and_keeps_their_extremes() -> None:
    history = LossHistory(4)
    history.extend(0, [1.0, 3.0, None, 5.0, 7.0])
    curve = history.curve()
    assert history.width == 2
    assert curve.steps.tolist() == [0.5, 2.5, 4.5]
    assert curve.mean.tolist() == [2.0, 5.0, 7.0]
    assert curve.low.tolist() == [1.0, 5.0, 7.0]
    assert curve.high.tolist() == [3.0, 5.0, 7.0]


def test_the_result_is_independent_of_the_chunks() -> None:
    rng = np.random.default_rng(0)
    losses = rng.normal(size=5_000)
    history, first = LossHistory(64), 0
    while first < len(losses):
        size = int(rng.integers(1, 300))
        history.extend(first, losses[first : first + size].tolist())
        first += size
    curve = history.curve()
    width = history.width
    runs = [losses[i : i + width] for i in range(0, len(losses), width)]
    np.testing.assert_allclose(curve.mean, [run.mean() for run in runs], rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(curve.high, [run.max() for run in runs])
    np.testing.assert_array_equal(curve.low, [run.min() for run in runs])


def test_ten_million_steps_take_no_more_memory_than_ten_thousand() -> None:
    history = LossHistory()
    chunk = np.linspace(2.0, 1.0, 2_000).tolist()
    for first in range(0, 10_000_000, 2_000):
        history.extend(first, chunk)
    curve = history.curve()
    assert history.end == 10_000_000
    assert 2_048 <= len(curve.mean) <= 4_096
    held = sum(value.nbytes for value in vars(history).values() if isinstance(value, np.ndarray))
    assert held == 4 * 4_096 * 8
    assert np.nanmin(curve.mean) >= 1.0
    assert np.nanmax(curve.mean) <= 2.0


@pytest.mark.parametrize("limit", [4, 64])
def test_losses_after_a_step_can_be_dropped(limit: int) -> None:
    history = LossHistory(limit)
    history.extend(0, [1.0] * 8)
    history.cut(4)
    history.extend(4, [5.0] * 4)
    curve = history.curve()
    assert history.end == 8
    assert curve.mean[0] == 1.0
    assert curve.mean[-1] == 5.0


def test_a_gap_stays_without_figures_and_costs_nothing() -> None:
    history = LossHistory(8)
    history.extend(0, [1.0])
    history.extend(10**12, [2.0])
    curve = history.curve()
    assert len(curve.mean) <= 8
    assert np.isfinite(curve.mean).sum() == 2


def test_extremes_keep_a_spike_that_a_mean_would_hide() -> None:
    history = LossHistory(4)
    history.extend(0, [1.0] * 9 + [50.0] + [1.0] * 6)
    steps, losses = history.curve().extremes()
    assert losses.max() == 50.0
    assert losses[-1] == 1.0
    assert len(steps) == len(losses) <= 9
    assert np.all(np.diff(steps) >= 0)


def test_extremes_of_single_steps_are_the_losses_themselves() -> None:
    history = LossHistory(8)
    history.extend(0, [3.0, None, 1.0])
    steps, losses = history.curve().extremes()
    assert steps.tolist() == [0.0, 1.0, 2.0]
    np.testing.assert_array_equal(losses, [3.0, np.nan, 1.0])


def test_groups_give_the_same_curve_as_their_losses() -> None:
    losses = np.random.default_rng(0).normal(size=6_400)
    groups = losses.reshape(-1, 16)
    buckets = Buckets(16, 6_400, groups.min(1).tolist(), groups.mean(1).tolist(), groups.max(1).tolist())
    one, other = LossHistory(64), LossHistory(64)
    one.extend(0, losses.tolist())
    other.extend_buckets(0, buckets)
    assert (one.end, one.width) == (other.end, other.width)
    for name in ("steps", "mean", "low", "high"):
        np.testing.assert_allclose(getattr(other.curve(), name), getattr(one.curve(), name), atol=1e-12)


def test_losses_after_groups_and_a_group_without_a_finite_loss_is_a_gap() -> None:
    history = LossHistory(64)
    history.extend_buckets(0, Buckets(2, 5, [1.0, None, 4.0], [1.5, None, 4.0], [2.0, None, 4.0]))
    history.extend(5, [6.0])
    curve = history.curve()
    assert history.end == 6
    np.testing.assert_array_equal(curve.mean, [np.nan, 1.5, np.nan, np.nan, 4.0, 6.0])


@pytest.mark.parametrize(
    "buckets",
    [Buckets(0, 4, [1.0], [1.0], [1.0]), Buckets(10**30, 4, [1.0], [1.0], [1.0]), Buckets(1, 0, [], [], [])],
)
def test_invalid_groups_are_ignored(buckets: Buckets) -> None:
    history = LossHistory(8)
    history.extend_buckets(0, buckets)
    assert history.end == 0
