"""The plotext adapter draws any values that a training may produce, in exactly the given size."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.style import Style

from tests.tui.sentences import NO_FIGURES
from tui.charts.ansi import ansi_strip
from tui.charts.curves import Series
from tui.charts.plot import Canvas

BLUE = (86, 180, 233)
numbers = st.floats(allow_nan=True, allow_infinity=True)


@pytest.fixture(scope="module")
def canvas() -> Canvas:
    return Canvas()


def plain(rows: list[str], width: int) -> list[str]:
    return [ansi_strip(row, width, Style.null()).text for row in rows]


@settings(max_examples=60)
@given(
    curves=st.lists(st.lists(numbers, max_size=60), max_size=3),
    width=st.integers(0, 150),
    height=st.integers(0, 45),
    log=st.booleans(),
    grow=st.booleans(),
    smoothing=st.sampled_from([0.0, 0.6, 0.99]),
)
def test_any_values_fill_any_size(
    canvas: Canvas,
    curves: list[list[float]],
    width: int,
    height: int,
    log: bool,
    grow: bool,
    smoothing: float,
) -> None:
    series = [
        Series(f"curve {i}", BLUE, range(len(y)), y, mark="◆" if i else "") for i, y in enumerate(curves)
    ]
    rows = canvas.draw(width, height, series, log=log, smoothing=smoothing, grow=grow)
    assert len(rows) == (height if width else 0)
    assert all(ansi_strip(row, width, Style.null()).cell_length == width for row in rows)


@pytest.mark.parametrize("values", [[], [math.nan], [math.inf, -math.inf], [math.nan] * 5])
def test_an_empty_plot_shows_a_message(canvas: Canvas, values: list[float]) -> None:
    text = "\n".join(plain(canvas.draw(60, 12, [Series("train", BLUE, range(len(values)), values)]), 60))
    assert NO_FIGURES in text
    assert "train –" in text


def test_a_size_that_is_too_small_shows_a_message(canvas: Canvas) -> None:
    assert "20x6" in canvas.draw(18, 5, [])[0].replace("a plot needs 20x6"[:18], "20x6")


def test_the_legend_has_the_newest_values(canvas: Canvas) -> None:
    series = [Series("train", BLUE, [0, 1], [2.0, 0.25]), Series("validation", BLUE, [1], [0.5], mark="◆")]
    legend = plain(canvas.draw(80, 12, series, log=True), 80)[0]
    assert legend.split() == ["━━", "train", "0.25", "◆", "validation", "0.5"]


def test_an_axis_includes_its_reach(canvas: Canvas) -> None:
    def axis(known: int) -> str:
        series = [Series("loss", BLUE, [-6.0 + 0.1 * i for i in range(known)], [1.0] * known)]
        return plain(canvas.draw(80, 12, series, grow=False, reach=(-6.0, 1.0)), 80)[-1]

    assert axis(3) == axis(71)
    assert (axis(3).split()[0], axis(3).split()[-1]) == ("-6", "0")


def test_marks_are_at_their_points(canvas: Canvas) -> None:
    rows = plain(canvas.draw(80, 12, [Series("v", BLUE, [1, 2, 3], [3.0, 1.0, 2.0], mark="◆")]), 80)
    assert sum(row.count("◆") for row in rows[1:]) == 3


def test_a_falling_loss_falls(canvas: Canvas) -> None:
    rows = plain(canvas.draw(60, 14, [Series("l", BLUE, range(100), np.linspace(2, 0, 100))]), 60)[1:-2]
    columns = [
        next(i for i, cell in enumerate(row[7:]) if cell not in " ┤│") for row in rows if row[7:].strip()
    ]
    assert columns == sorted(columns)


def test_one_more_point_changes_few_rows(canvas: Canvas) -> None:
    y = 2 * np.exp(-np.arange(900) / 200) + 0.1
    before, after = (canvas.draw(100, 20, [Series("l", BLUE, range(n), y[:n])]) for n in (850, 851))
    assert sum(one != other for one, other in zip(before, after, strict=True)) <= 3


def test_a_few_tiny_values_do_not_stretch_a_logarithmic_axis(canvas: Canvas) -> None:
    x, y = np.arange(100.0), np.full(100, 5.0)
    y[[20, 60]] = 1e-30
    rows = plain(canvas.draw(60, 20, [Series("loss", BLUE, x, y)], log=True), 60)
    assert not any("e-" in row for row in rows[1:])
    falling = Series("loss", BLUE, x, 10.0 ** (-x / 10))
    assert any("1e-" in row for row in plain(canvas.draw(60, 20, [falling], log=True), 60)[1:])


def test_a_newest_value_of_zero_is_in_the_legend_of_a_logarithmic_axis(canvas: Canvas) -> None:
    curve = Series("gradient", BLUE, np.arange(3.0), np.array([1.0, 0.5, 0.0]))
    head = plain(canvas.draw(60, 20, [curve], log=True), 60)[0]
    assert head.split() == ["━━", "gradient", "0"]
