"""Curves over axes, drawn with dots of braille: pure functions from series to rows of text.

A terminal cell has one colour, so it shows only the dots of the series that is drawn last in it. The middle of a row of
cells is the value of its tick. Limits that jump and buckets of powers of two change few cells from frame to frame.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from rich.cells import set_cell_size

from tui.charts.axes import Axis, column_of, growing_axis, linear_axis, row_axis
from tui.charts.curves import Floats, Series, clean, smooth, spread, thin
from tui.charts.dot_grid import DotGrid, Ints
from tui.charts.frame import floor_row, gutters_of, tick_row
from tui.charts.ink import FRAME, TEXT, Ink, Row
from tui.charts.legend import LegendEntry, legend_row
from tui.charts.marks import Mark

MIN_WIDTH, MIN_HEIGHT, MIN_ACROSS = 20, 6, 8
"""Smallest size with axes, and smallest width between them; a smaller plot has only the curves."""
_TICK_WIDTH = 5
"""Minimum columns of the y labels, so that the plot does not move when they change."""
_RARE, _DEPTH = 0.1, 3.0
"""A logarithmic axis ends `_DEPTH` powers of ten below all but this share of the points, so that a few tiny values do not
compress the rest."""
_MARK_SPACE = 6
"""Columns that a mark on a line has to itself, on average."""
_MOST_GUIDES = 12
"""Maximum vertical lines at marks."""
_TEXT, _FRAME = 0, 1
"""The first inks of a drawing; those of the series follow, bands first."""


@dataclass(frozen=True)
class PlotOptions:
    """The options of a plot."""

    log: bool = False
    """Logarithmic y axis; values of 0 and below are gaps."""
    smoothing: float = 0.0
    """Weight of the past in the running mean, 0 (no smoothing) to below 1."""
    x_label: str = ""
    grow: bool = True
    """x axis of updates, from 0 to an end that grows in jumps; else of any values."""
    legend: bool = True
    """A line above the plot with the names and the newest values of the curves."""
    before: str = ""
    """Text at the start of the legend."""
    after: str = ""
    """Text after the curves in the legend."""
    cursor: float | None = None
    """x value of a vertical line; None: no line."""
    reach: tuple[float, float] | None = None
    """Range that the x axis always includes."""
    marks: tuple[Mark, ...] = ()
    """Marks on the x axis."""


@dataclass(frozen=True, eq=False)
class Curve:
    """A series, ready to be drawn."""

    series: Series
    points: Floats
    """x and y in the units of the axes, (n, 2); rows of NaN are gaps."""
    low: Floats | None = None
    """Lower edge of a band, (n,)."""
    finite: NDArray[np.bool_] = field(init=False)
    """True for points that are no gap, (n,)."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "finite", np.isfinite(self.points).all(axis=1))

    @property
    def newest(self) -> float | None:
        """The last y; None without one."""
        known = self.points[self.finite, 1]
        return float(known[-1]) if len(known) else None


def draw(width: int, height: int, series: Sequence[Series], look: PlotOptions = PlotOptions()) -> list[Row]:
    """Return `height` rows of `width` cells; later series are drawn over earlier ones, and bands under all.

    Below 20x6 the curves fill the whole room, without axes.
    """
    if width < 1 or height < 1:
        return []
    is_bare = width < MIN_WIDTH or height < MIN_HEIGHT
    curves = [_curve(one, buckets_for(width), look) for one in series]
    shown = [curve for curve in curves if curve.finite.any()]
    head = [_legend(curves, width, look)] if look.legend and not is_bare else []
    if not shown:
        space = [] if is_bare else [_line("", width)]
        return _filled([*head, *space, _line("  no figures yet", width)], width, height)
    framed = [] if is_bare else _framed(width, height - len(head), shown, look)
    if framed:
        return [*head, *framed]
    return _rows(_drawn(width, height, shown, *_axes(shown, width, height, look), look), _inks(shown))


def _framed(width: int, height: int, shown: Sequence[Curve], look: PlotOptions) -> list[Row]:
    """The curves with their axes; nothing if the labels leave too little room."""
    has_label = bool(look.x_label) and height >= 8
    rows = height - 2 - has_label
    x_axis, y_axis = _axes(shown, width, rows, look)
    gutter = max(_TICK_WIDTH, *(len(label) for label in y_axis.labels)) + 1
    across = width - gutter
    if across < MIN_ACROSS:
        return []
    grid = _drawn(across, rows, shown, x_axis, y_axis, look)
    body = _rows(grid, _inks(shown), gutters_of(y_axis, rows, gutter))
    label = [_line(look.x_label.center(across).rjust(width), width, FRAME)] if has_label else []
    floor = floor_row(x_axis, across, gutter, look.marks)
    return [*body, floor, tick_row(x_axis, across, gutter), *label]


def buckets_for(width: int) -> int:
    """Return the groups that the points of a curve are reduced to in a plot of this width."""
    return max(10, width - 8)


def _legend(curves: Sequence[Curve], width: int, look: PlotOptions) -> Row:
    entries = [LegendEntry(curve.series, curve.newest) for curve in curves]
    kinds = {mark.kind for mark in look.marks}
    return legend_row(entries, width, log=look.log, before=look.before, after=look.after, kinds=kinds)


def _curve(one: Series, buckets: int, look: PlotOptions) -> Curve:
    """Clean, and reduce to what the width can show."""
    xs, ys = clean(one.x, one.y, look.log)
    if one.low is not None:
        _, low = clean(one.x, one.low, look.log)
        n = min(len(ys), len(low))
        points = np.column_stack([xs, ys])[:n]
        points[np.isnan(low[:n])] = np.nan
        return Curve(one, points, low[:n])
    if not one.line:
        return Curve(one, np.column_stack([xs, ys]))
    if look.smoothing > 0 and one.smooth:
        return Curve(one, smooth(xs, ys, min(look.smoothing, 0.999), buckets))
    return Curve(one, thin(xs, ys, buckets))


def _axes(shown: Sequence[Curve], width: int, rows: int, look: PlotOptions) -> tuple[Axis, Axis]:
    every = [curve.points[curve.finite] for curve in shown]
    every += [
        np.column_stack([curve.points[:, 0], curve.low])[curve.finite]
        for curve in shown
        if curve.low is not None
    ]
    points = np.concatenate(every)
    (x_low, y_low), (x_high, y_high) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    if look.log:
        y_low = max(y_low, float(np.quantile(points[:, 1], _RARE)) - _DEPTH)
    if look.reach is not None:
        x_low, x_high = min(x_low, look.reach[0]), max(x_high, look.reach[1])
    x_axis = (growing_axis if look.grow else linear_axis)(x_low, x_high, max(2, width // 16))
    return x_axis, row_axis(y_low, y_high, rows, log=look.log)


# the curves


def _in_order(shown: Sequence[Curve]) -> list[Curve]:
    """The curves from the lowest to the topmost: bands first."""
    return sorted(shown, key=lambda curve: curve.low is None)


def _inks(shown: Sequence[Curve]) -> list[Ink]:
    """The inks by their numbers."""
    own = [Ink(curve.series.colour, curve.series.is_faint) for curve in _in_order(shown)]
    return [TEXT, FRAME, *own]


def _drawn(
    width: int, height: int, shown: Sequence[Curve], x_axis: Axis, y_axis: Axis, look: PlotOptions
) -> DotGrid:
    """Draw the curves, from the lowest to the topmost."""
    grid = DotGrid(width, height)
    ordered = _in_order(shown)
    bands = sum(curve.low is not None for curve in ordered)
    for i, curve in enumerate(ordered):
        if i == bands:
            _rules(grid, x_axis, look, over=_FRAME + bands)
        _draw_curve(grid, curve, x_axis, y_axis, _FRAME + 1 + i)
    if bands == len(ordered):
        _rules(grid, x_axis, look, over=_FRAME + bands)
    for i, curve in enumerate(ordered):  # over all lines
        if curve.series.mark:
            dots = _placed(grid, _marked(curve, width), x_axis, y_axis)
            grid.mark(dots, curve.series.mark, _FRAME + 1 + i)
    return grid


def _marked(curve: Curve, width: int) -> Floats:
    """The points of a curve that get its mark: all, or on a line of many points every 2nd, 4th, ... and the last."""
    kept = curve.points[curve.finite]
    if not curve.series.line:
        return kept
    stride = 1 << max(0, math.ceil(math.log2(len(kept) * _MARK_SPACE / width))) if len(kept) else 1
    return np.concatenate([kept[: max(1, len(kept) - stride // 2) : stride], kept[-1:]])


def _rules(grid: DotGrid, x_axis: Axis, look: PlotOptions, over: int) -> None:
    """Draw vertical lines at marks and at the cursor, over bands and below lines."""
    guides = [mark.step for mark in look.marks if mark.kind != "checkpoint"]
    if len(guides) <= _MOST_GUIDES:
        for step in guides:
            column = column_of(x_axis, step, grid.width)
            if column is not None:
                grid.rule(column, "┊", _FRAME, over=over)
    column = None if look.cursor is None else column_of(x_axis, look.cursor, grid.width)
    if column is not None:
        grid.rule(column, "│", _TEXT, over=over)


def _draw_curve(grid: DotGrid, curve: Curve, x_axis: Axis, y_axis: Axis, ink: int) -> None:
    one, kept = curve.series, curve.points[curve.finite]
    dots = _placed(grid, kept, x_axis, y_axis)
    is_joined = np.diff(np.flatnonzero(curve.finite)) == 1
    if curve.low is not None:
        low = _placed(grid, np.column_stack([kept[:, 0], curve.low[curve.finite]]), x_axis, y_axis)
        grid.band(*spread(dots[:, 0], low[:, 1].astype(float), dots[:, 1].astype(float), is_joined), ink)
    elif one.line:
        grid.line(dots, is_joined, ink, dashed=one.dashed)
    elif not one.mark:
        grid.dots(dots, ink)


def _placed(grid: DotGrid, points: Floats, x_axis: Axis, y_axis: Axis) -> Ints:
    return grid.place(x_axis.shares(points[:, 0]), y_axis.shares(points[:, 1]))


# rows


def _rows(grid: DotGrid, inks: Sequence[Ink], gutters: Sequence[str] = ()) -> list[Row]:
    """The rows of a grid, each after its text at the left."""
    rows = [[(text, inks[ink]) for text, ink in row] for row in grid.runs()]
    if gutters:
        rows = [[(gutter, FRAME), *row] for gutter, row in zip(gutters, rows, strict=True)]
    return [tuple(row) for row in rows]


def _line(text: str, width: int, ink: Ink = TEXT) -> Row:
    return ((set_cell_size(text, width), ink),)


def _filled(rows: list[Row], width: int, height: int) -> list[Row]:
    """The rows cut or padded to `height`."""
    return (rows + [_line("", width)] * height)[:height]
