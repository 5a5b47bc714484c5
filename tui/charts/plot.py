"""Curves drawn by plotext, behind an adapter that avoids its problems.

plotext 6 hangs on NaN, raises on infinities and on logarithms of 0, labels small numbers as 0.000 and clamps sizes to the
terminal. So values are cleaned and downsampled first, logarithms are taken here, plotext gets only values between 0 and
1, and the figure is created here. Limits that jump and buckets of powers of two change few cells from frame to frame.
"""

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.cells import set_cell_size

from tui.charts.axes import Axis, growing_axis, linear_axis, log_axis, short
from tui.charts.curves import Floats, Series, clean, smooth, thin

MIN_WIDTH, MIN_HEIGHT = 20, 6
_TICK_WIDTH = 5
"""Minimum columns of the y labels, so that the plot does not move when they change."""
_RARE, _DEPTH = 0.1, 3.0
"""A logarithmic axis ends `_DEPTH` powers of ten below all but this share of the points, so that a few tiny values do not
compress the rest."""
_FRAME = (110, 110, 110)
_Curve = tuple[Series, Floats]


class Canvas:
    """A plotext figure, for one thread. The first one loads plotext, which takes 60 to 300 ms."""

    def __init__(self) -> None:
        plotext = load_plotext()
        terminal = type(plotext.terminal)()
        terminal.limit(False, False)
        self._figure = type(plotext.figure)(terminal)
        self._frame = plotext.pixel(_FRAME)

    def draw(
        self,
        width: int,
        height: int,
        series: Sequence[Series],
        *,
        log: bool = False,
        smoothing: float = 0.0,
        x_label: str = "",
        grow: bool = True,
        legend: bool = True,
        cursor: float | None = None,
        reach: tuple[float, float] | None = None,
    ) -> list[str]:
        """Return `height` lines with ANSI colours: a legend with the newest values, then the plot.

        Args:
            width: columns; below 20, or a height below 6, a message is returned instead.
            log: logarithmic y axis; values of 0 and below are gaps.
            smoothing: weight of the past in the running mean, 0 (no smoothing) to below 1.
            grow: x axis of updates, from 0 to an end that grows in jumps; else of any values.
            legend: False: the plot gets its line.
            cursor: x value of a vertical line; None: no line.
            reach: range that the x axis always includes.
        """
        if width < MIN_WIDTH or height < MIN_HEIGHT:
            return _filled([f"a plot needs {MIN_WIDTH}x{MIN_HEIGHT}"], width, height)
        buckets = max(10, width - 8)
        curves = [(one, _points(one, buckets, log, smoothing)) for one in series]
        shown = [(one, points[_finite(points)]) for one, points in curves]
        shown = [(one, points) for one, points in shown if len(points)]
        head = [_legend(shown, [one for one, _ in curves], width, log)] if legend else []
        if not shown:
            return _filled([*head, "", "  no figures yet"], width, height)
        x_axis, y_axis = _axes(shown, width, height, log, grow, reach)
        self._prepare(width, height - len(head), x_axis, y_axis, x_label)
        if cursor is not None:
            self._draw_cursor(x_axis.share(cursor))
        for one, points in curves:
            self._draw_curve(one, _placed(points, x_axis, y_axis))
        rows: list[str] = self._figure.build().string(colorless=False).split("\n")
        return _filled([*head, *rows], width, height)

    def _prepare(self, width: int, height: int, x_axis: Axis, y_axis: Axis, x_label: str) -> None:
        figure = self._figure
        figure.clear()
        figure.plot_size(width, height)
        figure.theme("simple")
        figure.canvas("default")
        figure.axes(True, pixel=self._frame)
        figure.axes(False, side=1)  # the upper and the right one: panels have their own border
        figure.label(x_label, "x")
        labels = [label.rjust(_TICK_WIDTH) for label in y_axis.labels]
        for name, axis, texts in (("x", x_axis, list(x_axis.labels)), ("y", y_axis, labels)):
            figure.ruler(name).lim(0.0, 1.0)
            figure.ruler(name).ticks([axis.share(position) for position in axis.positions], texts)

    def _draw_cursor(self, share: float) -> None:
        plotext = load_plotext()
        if 0.0 <= share <= 1.0:
            signal = self._figure.signal([share, share], [0.0, 1.0], marker=plotext.marker("│", self._frame))
            self._figure.draw(signal.lines())

    def _draw_curve(self, one: Series, points: Floats) -> None:
        plotext = load_plotext()
        finite = _finite(points)
        kept = points[finite]
        if not len(kept):
            return
        x, y, colour = kept[:, 0].tolist(), kept[:, 1].tolist(), plotext.pixel(one.colour)
        if one.line or not one.mark:
            signal = self._figure.signal(x, y, marker=plotext.marker("braille", colour))
            if one.line:
                signal.lines()
                breaks = np.unique(np.cumsum(finite)[~finite])  # number of points before each gap
                for position in breaks[(breaks > 0) & (breaks < len(kept))].tolist():
                    signal.line(position, False)
            self._figure.draw(signal)
        if one.mark:
            self._figure.draw(self._figure.signal(x, y, marker=plotext.marker(one.mark, colour)))


def _points(one: Series, buckets: int, log: bool, smoothing: float) -> Floats:
    xs, ys = clean(one.x, one.y, log)
    if not one.line:
        return np.column_stack([xs, ys])
    if smoothing > 0 and one.smooth:
        return smooth(xs, ys, min(smoothing, 0.999), buckets)
    return thin(xs, ys, buckets)


def _finite(points: Floats) -> NDArray[np.bool_]:
    return np.isfinite(points[:, 0]) & np.isfinite(points[:, 1])


def _axes(
    shown: Sequence[_Curve],
    width: int,
    height: int,
    log: bool,
    grow: bool,
    reach: tuple[float, float] | None,
) -> tuple[Axis, Axis]:
    every = np.concatenate([points for _, points in shown])
    (x_low, y_low), (x_high, y_high) = every.min(axis=0).tolist(), every.max(axis=0).tolist()
    if log:
        y_low = max(y_low, float(np.quantile(every[:, 1], _RARE)) - _DEPTH)
    if reach is not None:
        x_low, x_high = min(x_low, reach[0]), max(x_high, reach[1])
    x_axis = (growing_axis if grow else linear_axis)(x_low, x_high, max(2, width // 16))
    y_axis = (log_axis if log else linear_axis)(y_low, y_high, max(2, height // 3))
    return x_axis, y_axis


def _placed(points: Floats, x_axis: Axis, y_axis: Axis) -> Floats:
    """The points as shares of the axes, 0 to 1."""
    low = np.array([x_axis.low, y_axis.low])
    span = np.array([x_axis.high - x_axis.low, y_axis.high - y_axis.low])
    placed: Floats = np.clip((points - low) / span, 0.0, 1.0)
    return placed


def _legend(shown: Sequence[_Curve], series: Sequence[Series], width: int, log: bool) -> str:
    """Sign, name and newest value of each curve, as many as fit."""
    newest = {id(one): float(points[-1, 1]) for one, points in shown}
    parts: list[str] = []
    room = width - 1
    for one in series:
        value = newest.get(id(one))
        text = f" {one.name}"
        if one.line and one.valued and log and len(one.y) and one.y[-1] == 0:
            text += " 0"  # not on the logarithmic axis
        elif one.line and one.valued:
            text += " –" if value is None else f" {short(10.0**value if log else value)}"
        room -= len(text) + 4
        if room < 0:
            break
        red, green, blue = one.colour
        sign = one.mark or ("━━" if one.line else "⠒")
        parts.append(f"\x1b[38;2;{red};{green};{blue}m{sign}\x1b[0m{text}")
    return " " + "  ".join(parts)


def _filled(rows: list[str], width: int, height: int) -> list[str]:
    """The rows cut or padded to `height`."""
    if height < 1 or width < 1:
        return []
    rows = [row if "\x1b" in row else set_cell_size(row, width) for row in rows]
    return (rows + [" " * width] * height)[:height]


@functools.cache
def load_plotext() -> Any:
    """Import plotext once; call this in a thread before the first plot."""
    import plotext

    return plotext
