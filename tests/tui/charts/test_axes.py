"""Axes include their values, are in order, and label their ticks."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui.charts.axes import Axis, growing_axis, jump, linear_axis, log_axis, short

values = st.floats(-1e150, 1e150, allow_nan=False)
powers = st.floats(-300, 150)
counts = st.integers(1, 30)


def check(axis: Axis, low: float, high: float) -> None:
    assert math.isfinite(axis.low)
    assert axis.low < axis.high
    slack = (axis.high - axis.low) * 1e-6
    assert axis.low - slack <= low <= high <= axis.high + slack
    assert list(axis.positions) == sorted(axis.positions)
    assert all(-1e-6 <= axis.share(position) <= 1 + 1e-6 for position in axis.positions)
    assert len(axis.labels) == len(axis.positions) <= 80


@given(values, values, counts)
def test_a_linear_axis_includes_its_values(one: float, other: float, count: int) -> None:
    low, high = sorted((one, other))
    check(linear_axis(low, high, count), low, high)


@example(0.15, 0.15, 11)  # its next jump is itself, except for the last bit
@given(values, values, counts)
def test_a_growing_axis_includes_its_values(one: float, other: float, count: int) -> None:
    low, high = sorted((one, other))
    check(growing_axis(low, high, count), low, high)


@given(powers, powers, counts)
def test_a_logarithmic_axis_includes_its_values(one: float, other: float, count: int) -> None:
    low, high = sorted((one, other))
    check(log_axis(low, high, count), low, high)


def test_a_constant_lies_inside() -> None:
    axis = linear_axis(5.0, 5.0, 4)
    assert axis.low < 5 < axis.high


def test_logarithmic_ticks_are_one_two_five() -> None:
    assert log_axis(math.log10(0.11), math.log10(1.9), 8).labels == ("0.1", "0.2", "0.5", "1", "2")


def test_over_many_powers_only_whole_ones_are_marked() -> None:
    labels = log_axis(-6, 2, 5).labels
    assert labels == ("1e-6", "1e-4", "0.01", "1", "100")


def test_axes_of_steps_start_at_zero_and_end_in_jumps() -> None:
    assert [growing_axis(0, last, 4).high for last in (501, 560, 600, 601)] == [600, 600, 600, 800]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.1 + 0.2, "0.3"),
        (1000, "1000"),
        (12_500, "12.5k"),
        (1e6, "1e6"),
        (1e-4, "1e-4"),
        (-0.00025, "-2.5e-4"),
        (1e-320, "0"),
    ],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert short(value) == text


@given(st.floats(1e-300, 1e150))
def test_a_jump_is_never_short_of_its_value(value: float) -> None:
    assert value * (1 - 1e-9) <= jump(value) <= value * 1.34


@given(st.floats(-1e300, 1e300))
def test_a_label_is_a_number(value: float) -> None:
    text = short(value)
    number = float(text.removesuffix("k")) * (1000 if text.endswith("k") else 1)
    assert number == pytest.approx(value, rel=1e-3, abs=1e-299)
