"""A loss curve of bounded size: when it is full, neighbouring points are averaged."""

import math
from collections.abc import Iterable
from itertools import pairwise


class CompactCurve:
    """A long series in fewer than `limit` points, each the mean of equally many values."""

    def __init__(self, limit: int = 1024) -> None:
        self._limit = limit
        self._width = 1
        """Number of values averaged in one point."""
        self._sum, self._count = 0.0, 0
        self.points: list[float] = []

    def extend(self, values: Iterable[float | None]) -> None:
        """Add values; None, NaN and Inf are skipped."""
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
