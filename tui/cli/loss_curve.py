"""A loss curve that never grows: neighbours are averaged into one when it is full."""

import math
from collections.abc import Iterable
from itertools import pairwise


class CompactCurve:
    """Keeps the shape of a long series in at most `limit` points, all of the same width in steps."""

    def __init__(self, limit: int = 1024) -> None:
        self._limit = limit
        self._width = 1
        """Values that one point stands for."""
        self._sum, self._count = 0.0, 0
        self.points: list[float] = []

    def extend(self, values: Iterable[float | None]) -> None:
        """Add values; None and what is not finite are left out."""
        for value in values:
            if value is not None and math.isfinite(value):
                self._add(value)

    def _add(self, value: float) -> None:
        self._sum += value
        self._count += 1
        if self._count == self._width:
            self.points.append(self._sum / self._count)
            self._sum, self._count = 0.0, 0
        if len(self.points) == self._limit:
            pairs = zip(self.points[::2], self.points[1::2], strict=True)
            self.points = [(one + other) / 2 for one, other in pairs]
            self._width *= 2

    def resampled(self, width: int) -> list[float]:
        """Return at most `width` values, each the mean of its share of the points."""
        n = len(self.points)
        if n <= width:
            return self.points
        edges = [i * n // width for i in range(width + 1)]
        return [math.fsum(self.points[i:j]) / (j - i) for i, j in pairwise(edges)]
