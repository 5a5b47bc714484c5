"""Wilson's interval against published figures, and its coverage in a simulation."""

import numpy as np
import pytest

from engine.inspection.intervals import wilson


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_figures_of_newcombe_1998(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits, n) == pytest.approx((low, high), abs=5e-5)


def test_all_and_none_end_exactly_at_the_ends() -> None:
    assert wilson(10, 10).high == 1.0
    assert wilson(0, 10).low == 0.0
    assert wilson(0, 0) == (0.0, 1.0)


def test_about_95_of_100_intervals_hold_the_true_share() -> None:
    rng = np.random.default_rng(0)
    hits = rng.binomial(200, 0.93, 2000)
    held = [low <= 0.93 <= high for low, high in (wilson(int(k), 200) for k in hits)]
    assert 0.93 < np.mean(held) < 0.97
