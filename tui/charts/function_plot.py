"""A function of one variable as a curve in braille, aligned with the axis of a histogram below it."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.charts.axes import linear_axis, short
from tui.charts.histogram import FAINT_STYLE, GUTTER

_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
"""Bits of a braille cell, 4 rows by 2 columns."""
_EMPTY = 0x2800


def function_strips(
    values: Sequence[float | None],
    ends: tuple[float, float],
    width: int,
    height: int,
    colour: str,
    shown: Sequence[float] = (),
) -> list[Strip]:
    """Return strips of `width` cells with a curve through `values`, evenly spaced from end to end of `ends`.

    None is a gap. Faint lines mark x = 0 and y = 0; the ends of the y axis are labelled at the left.

    Args:
        shown: values that the y axis always includes.
    """
    across = width - GUTTER
    heights = np.array([math.nan if value is None else value for value in values], np.float64)
    finite = heights[np.isfinite(heights)]
    if across < 8 or height < 2 or len(heights) < 2 or not finite.size:
        return []
    axis = linear_axis(min([*shown, float(finite.min())]), max([*shown, float(finite.max())]), 2)
    shares = (heights - axis.low) / (axis.high - axis.low)
    cells = _cells(np.interp(np.linspace(0, 1, 2 * across), np.linspace(0, 1, len(shares)), shares), height)
    ground = _ground(ends, (axis.low, axis.high), across, height)
    labels = {0: short(axis.high, 3), height - 1: short(axis.low, 3)}
    return [
        _strip(labels.get(y, ""), cells[y].tolist(), ground[y], Style(color=colour)) for y in range(height)
    ]


def _cells(shares: NDArray[np.float64], height: int) -> NDArray[np.int64]:
    """Braille bits of a curve, (height, cells); `shares` has a height, 0 to 1, per column of dots."""
    levels = (
        np.clip(np.nan_to_num(shares, nan=-1.0) * (4 * height - 1), 0, 4 * height - 1).round().astype(int)
    )
    dots = np.zeros((4 * height, len(shares)), np.bool_)
    for x in np.flatnonzero(np.isfinite(shares)).tolist():
        before = levels[x - 1] if x and math.isfinite(shares[x - 1]) else levels[x]
        low, high = sorted((int(before), int(levels[x])))
        first = low + 1 if high > low and before == low else low
        last = high - 1 if high > low and before == high else high
        dots[4 * height - 1 - last : 4 * height - first, x] = True  # joined to the previous column
    grouped = dots.reshape(height, 4, -1, 2)  # (height, 4, cells, 2)
    bits: NDArray[np.int64] = (grouped * _BITS[np.newaxis, :, np.newaxis, :]).sum(axis=(1, 3))
    return bits


def _ground(ends: tuple[float, float], y_ends: tuple[float, float], across: int, height: int) -> list[str]:
    """The zero lines, a text per row."""
    (left, right), (low, high) = ends, y_ends
    column = min(across - 1, int(-left / (right - left) * across)) if left < 0 < right else -1
    row = height - 1 - min(height - 1, int(-low / (high - low) * height)) if low <= 0 < high else -1
    rows = []
    for y in range(height):
        line = ["┈" if y == row else " "] * across
        if column >= 0:
            line[column] = "┼" if y == row else "┊"
        rows.append("".join(line))
    return rows


def _strip(label: str, bits: list[int], ground: str, style: Style) -> Strip:
    segments = [Segment(label.rjust(GUTTER - 1)[: GUTTER - 1] + " ", FAINT_STYLE)]
    for dots, below in zip(bits, ground, strict=True):
        segments.append(Segment(chr(_EMPTY + dots), style) if dots else Segment(below, FAINT_STYLE))
    return Strip(segments).simplify()
