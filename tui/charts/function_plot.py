"""A function of one variable as a curve in braille, aligned with the axis of a histogram below it."""

import math
from collections.abc import Sequence

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.charts.axes import Axis, row_axis, row_of
from tui.charts.dot_grid import DotGrid
from tui.charts.histogram import FAINT_STYLE, GUTTER

_GROUND, _CURVE = 0, 1


def function_strips(
    values: Sequence[float | None],
    ends: tuple[float, float],
    width: int,
    height: int,
    colour: str,
    shown: Sequence[float] = (),
) -> list[Strip]:
    """Return strips of `width` cells with a curve through `values`, evenly spaced from end to end of `ends`.

    None is a gap. Faint lines mark x = 0 and y = 0; a value of 0 lies in the row of the latter. Labels are at the left.

    Args:
        shown: values that the y axis always includes.
    """
    across = width - GUTTER
    heights = np.array([math.nan if value is None else value for value in values], np.float64)
    finite = heights[np.isfinite(heights)]
    if across < 8 or height < 2 or len(heights) < 2 or not finite.size:
        return []
    axis = row_axis(min([*shown, float(finite.min())]), max([*shown, float(finite.max())]), height)
    grid = DotGrid(across, height)
    _draw_zeros(grid, ends, axis)
    at = np.linspace(0, 1, 2 * across)  # the columns of dots
    found = np.interp(at, np.linspace(0, 1, len(heights)), axis.shares(heights))
    kept = np.isfinite(found)
    dots = grid.place(at[kept], found[kept])
    grid.line(dots, np.diff(np.flatnonzero(kept)) == 1, _CURVE)
    labels = dict(zip((row_of(axis, y, height) for y in axis.positions), axis.labels, strict=True))
    styles = {_GROUND: FAINT_STYLE, _CURVE: Style(color=colour)}
    return [_strip(labels.get(y, ""), row, styles) for y, row in enumerate(grid.runs())]


def _draw_zeros(grid: DotGrid, ends: tuple[float, float], axis: Axis) -> None:
    """Draw the lines x = 0 and y = 0 where they are on the axes."""
    left, right = ends
    column = min(grid.width - 1, int(-left / (right - left) * grid.width)) if left < 0 < right else None
    row = row_of(axis, 0.0, grid.height) if axis.low <= 0 <= axis.high else None
    if row is not None:
        grid.glyphs[row] = ord("┈")
    if column is not None:
        grid.glyphs[:, column] = ord("┊")
    if row is not None and column is not None:
        grid.glyphs[row, column] = ord("┼")


def _strip(label: str, row: Sequence[tuple[str, int]], styles: dict[int, Style]) -> Strip:
    segments = [Segment(label.rjust(GUTTER - 1)[: GUTTER - 1] + " ", FAINT_STYLE)]
    return Strip([*segments, *(Segment(text, styles[ink]) for text, ink in row)]).simplify()
