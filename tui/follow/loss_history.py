"""Losses of a run of any length in memory of a fixed size."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.runs.loss_groups import LossGroups

Floats = NDArray[np.float64]
LIMIT = 4096
"""Points kept at most: more than any terminal has columns."""


def _none() -> Floats:
    return np.empty(0)


@dataclass(frozen=True)
class LossCurve:
    """A loss curve, (n,) each; NaN where there is no figure. `low` and `high` are the extremes around `mean`."""

    steps: Floats = field(default_factory=_none)
    mean: Floats = field(default_factory=_none)
    low: Floats = field(default_factory=_none)
    high: Floats = field(default_factory=_none)

    def extremes(self) -> tuple[Floats, Floats]:
        """Return steps and losses that pass through the lowest and the highest of every point, and end at the mean."""
        if np.array_equal(self.low, self.high, equal_nan=True):
            return self.steps, self.mean
        steps, losses = np.repeat(self.steps, 2), np.column_stack([self.high, self.low]).ravel()
        return np.append(steps, self.steps[-1]), np.append(losses, self.mean[-1])


class LossHistory(LossGroups):
    """The losses of a run in `limit` groups at most; when it is full, neighbours are merged.

    Args:
        limit: groups at most, an even number.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        super().__init__(limit=limit)

    def curve(self) -> LossCurve:
        """Return the curve so far, a copy."""
        mean = self.mean
        steps = np.arange(len(mean), dtype=np.float64) * self.width + (self.width - 1) / 2
        return LossCurve(steps, mean, self.low.copy(), self.high.copy())
