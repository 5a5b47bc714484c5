"""Levels: in order, with the middle of a diverging scale in the middle."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tui.charts.levels import diverging_levels, levels
from tui.charts.palettes import DIVERGING, SEQUENTIAL

numbers = st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=40)


@given(numbers, st.integers(1, 9))
def test_levels_are_in_range_and_in_order(values: list[float], count: int) -> None:
    found = levels(values, count)
    finite = np.isfinite(np.array(values, float))
    assert (found[~finite] == -1).all()
    assert ((found[finite] >= 0) & (found[finite] < count)).all()
    order = np.argsort(np.array(values, float)[finite], kind="stable")
    assert (np.diff(found[finite][order]) >= 0).all()


def test_the_ends_are_the_ends() -> None:
    assert levels([0, 5, 10], 5).tolist() == [0, 2, 4]
    assert levels([3, 3], 5).tolist() == [2, 2]


def test_zero_is_the_middle_of_a_diverging_scale() -> None:
    assert diverging_levels([0.0, 10.0, 5.0, math.nan], 5).tolist() == [2, 4, 3, -1]
    assert diverging_levels([0.0, -1.0], 5).tolist() == [2, 0]


def test_each_level_has_a_shade() -> None:
    for palette in (SEQUENTIAL, DIVERGING):
        assert len(palette) == len(palette.shades) == len(set(palette.shades))
