"""A grid of cells with dots of braille, eight a cell: a cell shows the dots of the series that was drawn last."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bits of a braille cell, 4 rows by 2 columns."""
_BRAILLE, _SPACE = 0x2800, ord(" ")


class DotGrid:
    """Characters and the number of their ink, (height, width); rows count from the top, inks below 1 are the ground."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.glyphs = np.full((height, width), _SPACE, np.uint32)
        self.inks: Ints = np.zeros((height, width), np.int64)

    def place(self, x: Floats, y: Floats) -> Ints:
        """Return the dots (column, row) of points given as shares of the axes, (n, 2); points beyond lie at the edge.

        A dot's row counts from the bottom. A cell has the values from its lower edge up to its upper one, so that a
        point is in the row of its value.
        """
        spots = np.column_stack([x * (2 * self.width), y * (4 * self.height)])
        spots = np.clip(np.floor(spots), 0, [2 * self.width - 1, 4 * self.height - 1])
        placed: Ints = spots.astype(np.int64)
        return placed

    def line(self, dots: Ints, is_joined: NDArray[np.bool_], ink: int, *, dashed: bool = False) -> None:
        """Draw dots (n, 2) and straight lines, one dot thick, between neighbours where `is_joined`, (n - 1,)."""
        self.dots(np.concatenate([dots, between(dots, is_joined)]), ink, dashed=dashed)

    def dots(self, dots: Ints, ink: int, *, dashed: bool = False) -> None:
        """Draw single dots, (n, 2); they replace what the cells had."""
        if dashed:
            dots = dots[dots[:, 0] % 8 < 5]
        grid = np.zeros((4 * self.height, 2 * self.width), np.bool_)
        grid[4 * self.height - 1 - dots[:, 1], dots[:, 0]] = True
        self._paint(grid, ink)

    def band(self, columns: Ints, low: Floats, high: Floats, ink: int) -> None:
        """Fill columns of dots from `low` to `high`, (n,) each, with every second dot."""
        lowest, highest = np.ones(2 * self.width), np.zeros(2 * self.width)  # empty
        lowest[columns], highest[columns] = np.rint(low), np.rint(high)
        rows = np.arange(4 * self.height)[::-1, None]  # from the bottom, (4 height, 1)
        grid = (rows >= lowest) & (rows <= highest)
        grid[::2, ::2] = grid[1::2, 1::2] = False
        self._paint(grid, ink)

    def mark(self, dots: Ints, glyph: str, ink: int) -> None:
        """Put a character into the cells of dots, (n, 2)."""
        rows, columns = self.height - 1 - dots[:, 1] // 4, dots[:, 0] // 2
        self.glyphs[rows, columns], self.inks[rows, columns] = ord(glyph), ink

    def rule(self, column: int, glyph: str, ink: int, *, over: int = 0) -> None:
        """Draw a vertical line through the cells of a column that are empty, or have at most the ink `over`."""
        free = self.inks[:, column] <= over
        self.glyphs[free, column], self.inks[free, column] = ord(glyph), ink

    def _paint(self, grid: NDArray[np.bool_], ink: int) -> None:
        dots = grid.view(np.uint8)
        bits = np.zeros((self.height, self.width), np.uint8)
        for y, row in enumerate(_BITS):
            for x, bit in enumerate(row):
                bits |= dots[y::4, x::2] * np.uint8(bit)
        taken = bits > 0
        self.glyphs[taken] = bits[taken] + np.uint32(_BRAILLE)
        self.inks[taken] = ink

    def runs(self) -> list[list[tuple[str, int]]]:
        """Return the rows as pieces of text with the number of their ink; a space takes the ink before it."""
        is_drawn = self.glyphs != _SPACE
        is_drawn[:, 0] = True
        places = np.maximum.accumulate(np.where(is_drawn, np.arange(self.width), 0), axis=1)
        inks = np.take_along_axis(self.inks, places, axis=1)
        text = self.glyphs.astype("<u4").tobytes().decode("utf-32-le")
        is_start = np.ones((self.height, self.width), np.bool_)
        is_start[:, 1:] = inks[:, 1:] != inks[:, :-1]
        starts = np.flatnonzero(is_start)
        pieces = zip(
            starts.tolist(), [*starts[1:].tolist(), len(text)], inks.ravel()[starts].tolist(), strict=True
        )
        rows: list[list[tuple[str, int]]] = [[] for _ in range(self.height)]
        for start, end, ink in pieces:
            rows[start // self.width].append((text[start:end], ink))
        return rows


def between(dots: Ints, is_joined: NDArray[np.bool_]) -> Ints:
    """Return the dots of the lines between neighbours without their ends, one per step along the longer side, (n, 2)."""
    start, way = dots[:-1][is_joined], np.diff(dots, axis=0)[is_joined]
    steps = np.abs(way).max(axis=1, initial=0)  # of each line
    which = np.repeat(np.arange(len(steps)), np.maximum(steps - 1, 0))
    first = np.cumsum(np.maximum(steps - 1, 0)) - np.maximum(steps - 1, 0)
    along = np.arange(len(which)) - first[which] + 1  # 1 to steps - 1
    share = along / np.maximum(steps[which], 1)
    found: Ints = start[which] + np.floor(way[which] * share[:, None] + 0.5).astype(np.int64)
    return found
