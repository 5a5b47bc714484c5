"""A drawing in ink: a soft brush, an eraser, strokes that can be taken back; pure."""

import math

RADIUS = 1.0
"""Of the brush, in pixels: beyond it the ink fades over one more pixel, as in MNIST's strokes."""
ERASER = 2.0
"""Of the eraser: going along a stroke, it leaves none of it."""
FULL = 255
MOST_UNDONE = 100
"""Strokes that are kept."""

Point = tuple[float, float]
"""Column and row; whole numbers are the middles of pixels."""


class DrawingCanvas:
    """`ink` holds a byte a pixel, row by row: 0 without ink, 255 full."""

    def __init__(self, height: int, width: int) -> None:
        self.height, self.width = height, width
        self.ink = bytearray(height * width)
        self._before: list[bytes] = []

    @property
    def is_empty(self) -> bool:
        """Whether there is no ink."""
        return not any(self.ink)

    def begin(self) -> None:
        """A stroke begins: what is drawn from here on is taken back together."""
        self._before = [*self._before[1 - MOST_UNDONE :], bytes(self.ink)]

    def line(self, start: Point, end: Point, *, erases: bool = False) -> None:
        """Draw from one point to another, or erase along the way.

        Each pixel gets the ink min(1, max(0, radius + 1/2 − d)) at a distance d from the line, unless it has more.
        """
        radius = ERASER if erases else RADIUS
        reach = radius + 0.5
        columns = _span(start[0], end[0], reach, self.width)
        for row in _span(start[1], end[1], reach, self.height):
            for column in columns:
                share = min(1.0, max(0.0, reach - _distance((column, row), start, end)))
                place, level = row * self.width + column, round(FULL * share)
                here = self.ink[place]
                self.ink[place] = min(here, FULL - level) if erases else max(here, level)

    def clear(self) -> None:
        """Erase all; that can be taken back."""
        if not self.is_empty:
            self.begin()
            self.ink[:] = bytes(len(self.ink))

    def put(self, ink: bytes) -> None:
        """Replace the drawing; that can be taken back."""
        self.begin()
        self.ink[:] = ink

    def undo(self) -> None:
        """Take the newest stroke back."""
        if self._before:
            self.ink[:] = self._before.pop()


def _span(one: float, other: float, reach: float, size: int) -> range:
    low, high = min(one, other) - reach, max(one, other) + reach
    return range(max(0, math.floor(low)), min(size - 1, math.ceil(high)) + 1)


def _distance(point: Point, start: Point, end: Point) -> float:
    """From a point to the nearest one of a line."""
    across, down = end[0] - start[0], end[1] - start[1]
    length = across * across + down * down
    along = (point[0] - start[0]) * across + (point[1] - start[1]) * down
    share = min(1.0, max(0.0, along / length)) if length else 0.0
    return math.hypot(point[0] - start[0] - share * across, point[1] - start[1] - share * down)
