"""Tiny sizes, as during a layout: charts draw something or nothing, and never fail."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tui.charts.confusion import Grid, confusion_strips
from tui.charts.function_plot import function_strips
from tui.charts.gallery import gallery_strips, plan_gallery
from tui.charts.halfblock import grid_strips
from tui.charts.heat import ErrorGrid, cell_words, heat_strips
from tui.charts.histogram import distribution_strips, histogram_strips
from tui.charts.network_map import NetworkColumn, draw_network
from tui.charts.scatter import scatter_strips
from tui.charts.signed import map_strips
from tui.charts.weight_picture import weight_strips

PICTURES = np.arange(5 * 8 * 8, dtype=np.uint8).reshape(5, 8, 8)
POINTS = np.random.default_rng(0).normal(size=(20, 2))
GRID = Grid(["a", "b", "c"], [[3, 1, 0], [0, 4, 2], [1, 1, 1]], [4, 6, 3])
ERRORS = ErrorGrid([[-8.0, None], [-3.0, -9.0]], shape=(2, 2))
COLUMNS = [NetworkColumn(3, "in"), NetworkColumn(300, "relu"), NetworkColumn(2, "out")]

CHARTS: dict[str, Callable[[int, int, bool], Any]] = {
    "confusion": lambda w, h, plain: confusion_strips(GRID, (1, 1), w, h, as_shares=False, colourless=plain),
    "function": lambda w, h, plain: function_strips([0.0, 1.0, None], (-1.0, 1.0), w, h, "#ffffff", (0.5,)),
    "gallery": lambda w, h, plain: gallery_strips(
        PICTURES, list("abcde"), plan_gallery(5, (8, 8), w, h), w, 1, plain
    ),
    "grid": lambda w, h, plain: grid_strips(PICTURES, list("abcde"), w, h, plain),
    "heat": lambda w, h, plain: (heat_strips(ERRORS, w, h, plain), cell_words(ERRORS, w, h, plain)),
    "histogram": lambda w, h, plain: histogram_strips([1, 2, 3], ("a", "b", "c"), w, h, "#ffffff"),
    "distribution": lambda w, h, plain: distribution_strips([1, 2, 3], (-1.0, 1.0), w, h, "#ffffff"),
    "network": lambda w, h, plain: draw_network(COLUMNS, w, h),
    "scatter": lambda w, h, plain: scatter_strips(POINTS, np.arange(20) % 2, w, h),
    "signed map": lambda w, h, plain: map_strips(PICTURES[0], w, h, plain),
    "weights": lambda w, h, plain: weight_strips([0.5] * 6, (2, 3), 1, {0}, w, h, plain),
}


@pytest.mark.parametrize("chart", CHARTS)
def test_any_size_is_drawn(chart: str) -> None:
    for width in (0, 1, 2, 3, 5, 8, 13, 21):
        for height in (0, 1, 2, 3, 5, 8):
            for plain in (False, True):
                CHARTS[chart](width, height, plain)
