"""Bars and sparklines have exactly the requested width."""

import math

from hypothesis import given
from hypothesis import strategies as st

from tui.charts.bars import bar, columns, sparkline

numbers = st.floats(allow_nan=True, allow_infinity=True)


@given(numbers, st.integers(-2, 200))
def test_a_bar_fills_its_width(share: float, width: int) -> None:
    assert len(bar(share, width)) == max(0, width)


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 50))
def test_a_larger_share_is_a_longer_bar(one: float, other: float, width: int) -> None:
    def length(share: float) -> int:
        return sum(" ▏▎▍▌▋▊▉█".index(cell) for cell in bar(share, width))

    low, high = sorted((one, other))
    assert length(low) <= length(high)


def test_eighths() -> None:
    assert [bar(share, 2) for share in (0.0, 1 / 16, 0.5, 1.0, 7.0, math.nan)] == [
        "  ",
        "▏ ",
        "█ ",
        "██",
        "██",
        "  ",
    ]


@given(st.lists(numbers), st.integers(0, 60))
def test_a_sparkline_fills_its_width(values: list[float], width: int) -> None:
    assert len(sparkline(values, width)) == width


def test_a_sparkline_shows_the_newest_between_lowest_and_highest() -> None:
    assert sparkline([9, 0, 1, math.nan, 2], 4) == "▁▅ █"
    assert sparkline([3, 3], 4) == "  ▄▄"


def test_columns_distinguish_small_from_zero() -> None:
    assert columns([0, 0.01, 0.5, 1]) == " ▁▅█"
