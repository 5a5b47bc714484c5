"""The loss history of a run of any length in a fixed amount of memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.events import Buckets

Floats = NDArray[np.float64]
LIMIT = 4096
"""Maximum points: more than any terminal has columns."""
LARGEST = 1 << 52
"""Maximum updates of a group of losses."""


def _none() -> Floats:
    return np.empty(0)


@dataclass(frozen=True)
class LossCurve:
    """A loss curve: updates, mean, minimum and maximum of each point, (n,) each; NaN without a value."""

    steps: Floats = field(default_factory=_none)
    mean: Floats = field(default_factory=_none)
    low: Floats = field(default_factory=_none)
    high: Floats = field(default_factory=_none)

    def extremes(self) -> tuple[Floats, Floats]:
        """Return updates and losses of a curve through the extremes of every point, with the last mean at its end."""
        if np.array_equal(self.low, self.high, equal_nan=True):
            return self.steps, self.mean
        steps, losses = np.repeat(self.steps, 2), np.column_stack([self.high, self.low]).ravel()
        return np.append(steps, self.steps[-1]), np.append(losses, self.mean[-1])


class LossHistory:
    """Stores the mean and the extremes of every `width` updates; when it is full, neighbouring points are merged.

    Args:
        limit: maximum points, an even number.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self.width = 1
        """Updates per point, a power of two."""
        self.end = 0
        """Updates so far."""
        self._sum, self._count = np.zeros(limit), np.zeros(limit)
        self._low, self._high = np.full(limit, np.nan), np.full(limit, np.nan)

    def extend(self, step: int, losses: Sequence[float | None]) -> None:
        """Add the losses of consecutive updates; the first is that of the update after `step` others.

        A loss of None is not finite. Losses stored from `step` on are replaced; skipped updates have no value.
        """
        if step < 0 or not losses:
            return
        self.cut(step)
        values = np.array(losses, np.float64)  # None becomes NaN
        self._make_room(step + len(values))
        self._add(np.arange(step, self.end), np.ones(len(values)), values, values, values)

    def extend_buckets(self, step: int, buckets: Buckets) -> None:
        """Add grouped losses as `extend` does; each group is stored at its middle."""
        n = min(len(buckets.minimum), len(buckets.mean), len(buckets.maximum))
        if step < 0 or n == 0 or not 1 <= buckets.size <= LARGEST or not 1 <= buckets.count <= LARGEST:
            return
        self.cut(step)
        self._make_room(step + buckets.count)
        starts = np.arange(n) * buckets.size
        sizes = np.clip(buckets.count - starts, 0, buckets.size).astype(np.float64)
        at = np.minimum(step + starts + (sizes // 2).astype(np.int64), self.end - 1)
        groups = (np.array(part[:n], np.float64) for part in (buckets.mean, buckets.minimum, buckets.maximum))
        self._add(at, sizes, *groups)

    def _make_room(self, end: int) -> None:
        self.end = end
        while self.end > self.width * len(self._low):
            self._halve()

    def _add(self, at: NDArray[np.int64], sizes: Floats, mean: Floats, low: Floats, high: Floats) -> None:
        """Add groups of `sizes` losses at the updates `at`, in ascending order; all (n,)."""
        points = at // self.width
        starts = np.flatnonzero(np.diff(points, prepend=-1))
        points = points[starts]
        known = np.where(np.isfinite(mean), sizes, 0.0)
        self._sum[points] += np.add.reduceat(np.where(known > 0, mean, 0.0) * known, starts)
        self._count[points] += np.add.reduceat(known, starts)
        self._low[points] = np.fmin(self._low[points], np.fmin.reduceat(low, starts))
        self._high[points] = np.fmax(self._high[points], np.fmax.reduceat(high, starts))

    def cut(self, step: int) -> None:
        """Drop the losses after update `step`; a point that spans it stays."""
        if step >= self.end:
            return
        first = -(-step // self.width)
        for kept in (self._sum, self._count):
            kept[first:] = 0.0
        for kept in (self._low, self._high):
            kept[first:] = np.nan
        self.end = step

    def curve(self) -> LossCurve:
        """Return a copy of the curve so far."""
        n = -(-self.end // self.width)
        count = self._count[:n]
        mean = np.full(n, np.nan)
        np.divide(self._sum[:n], count, out=mean, where=count > 0)
        steps = np.arange(n, dtype=np.float64) * self.width + (self.width - 1) / 2
        return LossCurve(steps, mean, self._low[:n].copy(), self._high[:n].copy())

    def _halve(self) -> None:
        half = len(self._low) // 2
        for kept, join in (
            (self._sum, np.add),
            (self._count, np.add),
            (self._low, np.fmin),
            (self._high, np.fmax),
        ):
            kept[:half] = join(kept[0::2], kept[1::2])
            kept[half:] = 0.0 if join is np.add else np.nan
        self.width *= 2
