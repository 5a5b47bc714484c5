"""Losses of any number of updates in groups of equal width, each with its mean, minimum and maximum."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Labels
from engine.events import Buckets, Steps
from engine.finite import finite, rounded

Floats = NDArray[np.float64]
LARGEST = 1 << 52
"""Updates that a group read from a file may stand for."""
ROOM = 16


class LossGroups:
    """Sums, counts and extremes of the losses of every `width` updates, (n_groups,) each; owns its arrays.

    Args:
        width: updates per group: a power of two.
        limit: groups at most, an even number: at the limit, neighbours are merged and `width` doubles. None: the
            number of groups grows with the updates.
    """

    def __init__(self, width: int = 1, limit: int | None = None) -> None:
        self.width = width
        """Updates per group."""
        self.end = 0
        """Updates so far."""
        self._limit = limit
        room = ROOM if limit is None else limit
        self._sum, self._count = np.zeros(room), np.zeros(room)
        self._low, self._high = np.full(room, np.nan), np.full(room, np.nan)

    def __len__(self) -> int:
        return -(-self.end // self.width)

    @property
    def mean(self) -> Floats:
        """Mean loss of each group, (n_groups,); NaN where no loss is known. A copy."""
        n = len(self)
        count = self._count[:n]
        mean = np.full(n, np.nan)
        np.divide(self._sum[:n], count, out=mean, where=count > 0)
        return mean

    @property
    def low(self) -> Floats:
        """Minimum of each group, (n_groups,); NaN where no loss is known. A view."""
        return self._low[: len(self)]

    @property
    def high(self) -> Floats:
        """Maximum of each group, (n_groups,); NaN where no loss is known. A view."""
        return self._high[: len(self)]

    def extend_steps(self, step: int, event: Steps) -> None:
        """Add the losses of a chunk, one by one or in groups; the first is that of the update after `step` others."""
        if event.buckets is None:
            self.extend(step, event.losses)
        else:
            self.extend_buckets(step, event.buckets)

    def extend(self, step: int, losses: Sequence[float | None]) -> None:
        """Add losses; None is a loss that was not finite, and counts as unknown.

        Losses from `step` on that were added before are removed; updates in a gap stay unknown.

        Args:
            step: updates before the first of them.
        """
        if step < 0 or not losses:
            return
        self.cut(step)
        values = np.array(losses, np.float64)  # None becomes NaN
        self._make_room(step + len(values))
        self._add(np.arange(step, self.end), np.ones(len(values)), values, values, values)

    def extend_buckets(self, step: int, buckets: Buckets) -> None:
        """Add losses that come in groups, as `extend` does; each counts at its middle. Invalid sizes are ignored."""
        n = min(len(buckets.minimum), len(buckets.mean), len(buckets.maximum))
        if step < 0 or n == 0 or not 1 <= buckets.size <= LARGEST or not 1 <= buckets.count <= LARGEST:
            return
        self.cut(step)
        self._make_room(step + buckets.count)
        starts = np.arange(n) * buckets.size
        sizes = np.clip(buckets.count - starts, 0, buckets.size).astype(np.float64)
        at = np.minimum(step + starts + (sizes // 2).astype(np.int64), self.end - 1)
        figures = (
            np.array(part[:n], np.float64) for part in (buckets.mean, buckets.minimum, buckets.maximum)
        )
        self._add(at, sizes, *figures)

    def buckets(self) -> Buckets:
        """Return the groups as an event holds them: means to 6 significant digits, None where no loss is known."""
        low, mean, high = (figures.tolist() for figures in (self.low, self.mean, self.high))
        return Buckets(
            size=self.width,
            count=self.end,
            minimum=[finite(loss) for loss in low],
            mean=[rounded(loss) for loss in mean],
            maximum=[finite(loss) for loss in high],
        )

    def cut(self, step: int) -> None:
        """Remove the losses after the first `step` updates; a group that reaches across stays."""
        if step >= self.end:
            return
        self.end = step
        for name, _, empty in _FIGURES:
            getattr(self, name)[len(self) :] = empty

    def halve(self) -> None:
        """Merge neighbours: half as many groups, twice as wide."""
        half = len(self._sum) // 2
        for name, merge, empty in _FIGURES:
            figures = getattr(self, name)
            figures[:half] = merge(figures[0::2], figures[1::2])
            figures[half:] = empty
        self.width *= 2

    def _make_room(self, end: int) -> None:
        self.end = end
        while len(self) > len(self._sum):
            if self._limit is None:
                self._grow()
            else:
                self.halve()

    def _grow(self) -> None:
        for name, _, empty in _FIGURES:
            figures = getattr(self, name)
            setattr(self, name, np.concatenate([figures, np.full(len(figures), empty)]))

    def _add(self, at: Labels, sizes: Floats, mean: Floats, low: Floats, high: Floats) -> None:
        """Add groups of `sizes` losses each at the updates `at`, in ascending order; all (n,)."""
        groups = at // self.width
        starts = np.flatnonzero(np.diff(groups, prepend=-1))
        groups = groups[starts]
        known = np.where(np.isfinite(mean), sizes, 0.0)
        self._sum[groups] += np.add.reduceat(np.where(known > 0, mean, 0.0) * known, starts)
        self._count[groups] += np.add.reduceat(known, starts)
        self._low[groups] = np.fmin(self._low[groups], np.fmin.reduceat(low, starts))
        self._high[groups] = np.fmax(self._high[groups], np.fmax.reduceat(high, starts))


_FIGURES = (
    ("_sum", np.add, 0.0),
    ("_count", np.add, 0.0),
    ("_low", np.fmin, np.nan),
    ("_high", np.fmax, np.nan),
)
