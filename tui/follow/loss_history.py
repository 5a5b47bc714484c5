"""The loss history of a run of any length in a fixed amount of memory."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.runs.loss_groups import LossGroups

Floats = NDArray[np.float64]
LIMIT = 4096
"""Maximum points: more than any terminal has columns."""


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


class LossHistory(LossGroups):
    """Stores the mean and the extremes of every `width` updates; when it is full, neighbouring points are merged.

    Args:
        limit: maximum points, an even number.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        super().__init__(limit=limit)

    def curve(self) -> LossCurve:
        """Return a copy of the curve so far."""
        mean = self.mean
        steps = np.arange(len(mean), dtype=np.float64) * self.width + (self.width - 1) / 2
        return LossCurve(steps, mean, self.low.copy(), self.high.copy())
