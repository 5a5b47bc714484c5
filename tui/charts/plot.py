"""Curves by plotext, behind one adapter that owns its traps.

plotext 6 hangs on NaN, raises on infinities, labels small logarithms as 0.000 and clamps sizes to the terminal; here
values are cleaned and thinned first, logarithms are taken by us, and the figure is one of our own. Axis limits move in
jumps and buckets are aligned to powers of two, so that a live plot changes few cells from frame to frame.
"""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MIN_WIDTH, MIN_HEIGHT = 20, 6
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Series:
    """One curve: its name, colour (red, green, blue) and points; what is not finite is a gap."""

    name: str
    colour: tuple[int, int, int]
    x: Sequence[float] | Floats
    y: Sequence[float] | Floats


class Canvas:
    """A plotext figure of one's own; for one thread."""

    def __init__(self) -> None:
        plotext = _plotext()
        terminal = type(plotext.terminal)()
        terminal.limit(False, False)
        self._figure = type(plotext.figure)(terminal)

    def draw(
        self, width: int, height: int, series: Sequence[Series], *, log: bool = False, x_label: str = ""
    ) -> list[str]:
        """Return `height` lines with ANSI colours: a legend with the newest values, then the plot.

        Args:
            width: columns; under 20, or a height under 6, there is a line saying so instead.
            log: a logarithmic y axis; values of 0 and below are gaps.
        """
        if width < MIN_WIDTH or height < MIN_HEIGHT:
            return _filled([f"needs {MIN_WIDTH}x{MIN_HEIGHT}"], width, height)
        curves = [(one, thin(one.x, one.y, max(10, width - 8), log)) for one in series]
        legend = _legend(curves, width)
        shown = [(one, points) for one, points in curves if len(points)]
        if not shown:
            return _filled([legend, "", "   no figures yet"], width, height)
        self._prepare(width, height - 1, shown, log, x_label)
        for one, points in shown:
            self._draw_curve(one, points)
        rows: list[str] = self._figure.build().string(colorless=False).split("\n")
        return _filled([legend, *rows], width, height)

    def _prepare(
        self, width: int, height: int, shown: Sequence[tuple[Series, Floats]], log: bool, x_label: str
    ) -> None:
        figure = self._figure
        figure.clear()
        figure.plot_size(width, height)
        figure.theme("simple")
        figure.canvas("default")
        figure.label(x_label, "x")
        every = np.concatenate([points for _, points in shown])
        every = every[np.isfinite(every[:, 1])]
        low, high = _limits(float(every[:, 1].min()), float(every[:, 1].max()), log)
        left, right = float(every[:, 0].min()), jump(float(every[:, 0].max()))
        left = 0.0 if left < 0.1 * right else left
        figure.ruler("x").lim(left, right if right > left else left + 1)
        figure.ruler("x").ticks(*ticks(left, right if right > left else left + 1, max(2, width // 16)))
        figure.ruler("y").lim(low, high)
        labels = log_ticks if log else ticks
        figure.ruler("y").ticks(*labels(low, high, max(2, height // 5)))

    def _draw_curve(self, one: Series, points: Floats) -> None:
        plotext = _plotext()
        finite = np.isfinite(points[:, 1])
        kept = points[finite]
        marker = plotext.marker("braille", plotext.pixel(one.colour))
        signal = self._figure.signal(kept[:, 0].tolist(), kept[:, 1].tolist(), marker=marker).lines()
        breaks = np.cumsum(finite)[~finite]  # how many kept points stand before each gap
        for position in np.unique(breaks):
            if 0 < position < len(kept):
                signal.line(int(position), False)
        self._figure.draw(signal)


def thin(x: Sequence[float] | Floats, y: Sequence[float] | Floats, buckets: int, log: bool = False) -> Floats:
    """Return at most some 4 points a bucket, (n, 2), keeping each bucket's extremes; gaps are rows of NaN.

    Buckets are aligned to a power-of-two grid of positions, so that old points stay where they are as data grow.
    With `log`, y is the logarithm to base 10.
    """
    xs, ys = np.asarray(x, np.float64), np.asarray(y, np.float64)
    n = min(len(xs), len(ys))
    xs, ys = xs[:n], ys[:n]
    if log:
        ys = np.log10(np.where(ys > 0, ys, np.nan))
    ys = np.where(np.isfinite(ys) & np.isfinite(xs), ys, np.nan)
    if not np.isfinite(ys).any():
        return np.empty((0, 2))
    if n > 2 * buckets:
        keep = _extremes(ys, 1 << math.ceil(math.log2(n / buckets)))
        xs, ys = xs[keep], ys[keep]
    return np.column_stack([xs, ys])


def _extremes(ys: Floats, size: int) -> NDArray[np.int64]:
    """Positions of the lowest and highest of each run of `size` values, in order; an empty run keeps its first."""
    n = len(ys)
    padded = np.full(math.ceil(n / size) * size, np.nan)
    padded[:n] = ys
    runs = padded.reshape(-1, size)
    lowest = np.where(np.isnan(runs), np.inf, runs).argmin(axis=1)
    highest = np.where(np.isnan(runs), -np.inf, runs).argmax(axis=1)
    starts = np.arange(len(runs)) * size
    positions = np.unique(np.concatenate([starts + lowest, starts + highest]))
    return positions[positions < n]


def jump(value: float) -> float:
    """Return the next of 1, 1.25, 1.5, 2, ... times a power of ten: limits that jump repaint seldom."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    steps = (1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
    return next((step * power for step in steps if step * power >= value * (1 - 1e-12)), 10 * power)


def _limits(low: float, high: float, log: bool) -> tuple[float, float]:
    if log:
        return math.floor(low), max(math.ceil(high), math.floor(low) + 1)
    if high - low < 1e-12 * max(1.0, abs(high)):
        margin = max(0.5, abs(high) / 2)
        return low - margin, high + margin
    quantum = 10.0 ** math.floor(math.log10(high - low)) / 5
    return math.floor(low / quantum) * quantum, math.ceil(high / quantum) * quantum


def ticks(low: float, high: float, count: int) -> tuple[list[float], list[str]]:
    """Return about `count` round positions between the limits, and their labels."""
    raw = (high - low) / max(1, count)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(k * power for k in (1, 2, 2.5, 5, 10) if k * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    positions = [round(i * step, 12) for i in range(first, math.floor(high / step + 1e-9) + 1)]
    return positions, [short(position) for position in positions]


def log_ticks(low: float, high: float, count: int) -> tuple[list[float], list[str]]:
    """Return whole powers of ten between the limits, which are logarithms, and their labels."""
    step = max(1, math.ceil((high - low) / max(1, count)))
    positions = [float(power) for power in range(math.ceil(low), math.floor(high) + 1, step)]
    return positions, [short(10.0**position) for position in positions]


def short(value: float) -> str:
    """Return a number in few characters: 12k, 0.05, 1e-4."""
    if value and (abs(value) >= 1e6 or abs(value) < 1e-3):
        return f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e")
    return f"{value / 1000:g}k" if abs(value) >= 10_000 else f"{value:g}"


def _legend(curves: Sequence[tuple[Series, Floats]], width: int) -> str:
    parts: list[str] = []
    room = width
    for one, _ in curves:
        values = [value for value in list(one.y)[-1:] if math.isfinite(value)]
        text = f"━━ {one.name} {values[0]:.4g}" if values else f"━━ {one.name} –"
        if len(text) + 2 > room:
            break
        room -= len(text) + 2
        red, green, blue = one.colour
        parts.append(f"\x1b[38;2;{red};{green};{blue}m━━\x1b[0m{text[2:]}")
    return "  ".join(parts)


def _filled(rows: list[str], width: int, height: int) -> list[str]:
    """Cut or fill to `height` rows."""
    if height < 1 or width < 1:
        return []
    rows = [row if "\x1b" in row else row[:width] for row in rows]
    return (rows + [""] * height)[:height]


@functools.cache
def _plotext() -> Any:
    import plotext  # 60 to 100 ms, so only when a plot is first drawn

    return plotext
