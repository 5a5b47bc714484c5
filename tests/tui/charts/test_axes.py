"""Axes include their values, are in order, and label their ticks."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui.charts.axes import Axis, column_of, growing_axis, jump, linear_axis, row_axis, row_of, short

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


@given(values, values, st.integers(1, 60))
def test_a_vertical_axis_includes_its_values(one: float, other: float, rows: int) -> None:
    low, high = sorted(0.0 if abs(x) < 1e-280 else x for x in (one, other))
    check_rows(row_axis(low, high, rows), low, high, rows)


@given(powers, powers, st.integers(1, 60))
def test_a_logarithmic_axis_includes_its_values(one: float, other: float, rows: int) -> None:
    low, high = sorted((one, other))
    check_rows(row_axis(low, high, rows, log=True), low, high, rows)


def check_rows(axis: Axis, low: float, high: float, rows: int) -> None:
    check(axis, low, high)
    found = [row_of(axis, position, rows) for position in axis.positions]
    assert found[0] == rows - 1
    assert len(set(np.diff(found))) <= 1  # the same number of rows apart


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(2, 60))
def test_the_row_of_a_tick_contains_the_value_of_its_label(low: float, span: float, rows: int) -> None:
    axis = row_axis(low, low + span, rows)
    for position, label in zip(axis.positions, axis.labels, strict=True):
        assert row_of(axis, number(label), rows) == row_of(axis, position, rows)


@given(st.floats(-12, 6), st.floats(1e-3, 12), st.integers(2, 60))
def test_the_row_of_a_logarithmic_tick_contains_the_value_of_its_label(
    low: float, span: float, rows: int
) -> None:
    axis = row_axis(low, low + span, rows, log=True)
    for position, label in zip(axis.positions, axis.labels, strict=True):
        assert row_of(axis, math.log10(number(label)), rows) == row_of(axis, position, rows)


def number(label: str) -> float:
    return float(label.removesuffix("k")) * (1000 if label.endswith("k") else 1)


@given(st.floats(0, 1e4), st.floats(1e-3, 1e4), st.integers(8, 60), st.booleans())
def test_most_of_the_rows_are_used(low: float, span: float, rows: int, log: bool) -> None:
    if log:
        low, span = low / 1000, 0.3 + span / 1000
    axis = row_axis(low, low + span, rows, log=log)
    assert span / (axis.high - axis.low) >= 0.45


def test_a_constant_is_shown_with_zero() -> None:
    axis = row_axis(1.0, 1.0, 14)
    assert axis.labels == ("0", "0.25", "0.5", "0.75", "1")
    assert row_axis(0.0, 0.0, 14).low < 0 < row_axis(0.0, 0.0, 14).high


def test_a_constant_lies_inside() -> None:
    axis = linear_axis(5.0, 5.0, 4)
    assert axis.low < 5 < axis.high


def test_accuracies_are_marked_evenly() -> None:
    assert row_axis(73.0, 91.0, 20).labels == ("70", "75", "80", "85", "90")


def test_logarithmic_ticks_are_powers_of_ten_their_halves_or_of_two() -> None:
    assert row_axis(-4, 2, 20, log=True).labels[:3] == ("1e-4", "0.001", "0.01")
    assert row_axis(math.log10(0.11), math.log10(1.9), 16, log=True).labels == (
        "0.0625",
        "0.125",
        "0.25",
        "0.5",
        "1",
        "2",
    )
    assert row_axis(-2, 0.3, 24, log=True).labels == ("0.01", "0.0316", "0.1", "0.316", "1")


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


def test_the_cell_of_a_position_is_on_the_axis() -> None:
    axis = growing_axis(0, 100, 4)
    assert [column_of(axis, x, 50) for x in (-1, 0, 50, 99, 100, 101)] == [None, 0, 25, 49, 49, None]
