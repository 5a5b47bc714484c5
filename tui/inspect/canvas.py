"""A drawing canvas: a soft brush, an eraser and undo."""

import math

RADIUS = 1.0
"""Radius of the brush in pixels; beyond it the ink fades over one more pixel, as in MNIST's strokes."""
ERASER = 2.0
"""Radius of the eraser in pixels; it removes a stroke completely when it follows it."""
FULL = 255
MOST_UNDONE = 100
"""Strokes that can be undone."""

Point = tuple[float, float]
"""Column and row; whole numbers are the centres of pixels."""


class DrawingCanvas:
    """A grey drawing; `ink` has a byte per pixel, row by row, from 0 (no ink) to 255."""

    def __init__(self, height: int, width: int) -> None:
        self.height, self.width = height, width
        self.ink = bytearray(height * width)
        self._before: list[bytes] = []

    @property
    def is_empty(self) -> bool:
        """True without any ink."""
        return not any(self.ink)

    @property
    def can_undo(self) -> bool:
        """True if there is a stroke to undo."""
        return bool(self._before)

    def begin(self) -> None:
        """Start a stroke, the unit of `undo`."""
        self._before = [*self._before[1 - MOST_UNDONE :], bytes(self.ink)]

    def line(self, start: Point, end: Point, *, erases: bool = False) -> None:
        """Draw or erase a line from one point to another.

        A pixel at the distance d from the line gets the ink min(1, max(0, radius + 1/2 − d)), unless it has more.
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
        """Erase everything; can be undone."""
        if not self.is_empty:
            self.begin()
            self.ink[:] = bytes(len(self.ink))

    def put(self, ink: bytes) -> None:
        """Replace the drawing; can be undone."""
        self.begin()
        self.ink[:] = ink

    def undo(self) -> None:
        """Undo the newest stroke."""
        if self._before:
            self.ink[:] = self._before.pop()


def _span(one: float, other: float, reach: float, size: int) -> range:
    low, high = min(one, other) - reach, max(one, other) + reach
    return range(max(0, math.floor(low)), min(size - 1, math.ceil(high)) + 1)


def _distance(point: Point, start: Point, end: Point) -> float:
    """Distance of a point from a line segment."""
    across, down = end[0] - start[0], end[1] - start[1]
    length = across * across + down * down
    along = (point[0] - start[0]) * across + (point[1] - start[1]) * down
    share = min(1.0, max(0.0, along / length)) if length else 0.0
    return math.hypot(point[0] - start[0] - share * across, point[1] - start[1] - share * down)
