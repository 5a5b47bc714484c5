"""The range of the inputs that a network was trained on, beside which raw inputs look unscaled."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from engine.arrays import AnyArray, Array

MOST_FEATURES = 1_000
"""Number of features up to which each has a range of its own; more share one, as pixels do."""


@dataclass(frozen=True)
class InputRange:
    """Lowest and highest training input: float64 (n_features,) each, or (1,) if all features share one range."""

    low: Array
    high: Array

    @classmethod
    def of(cls, rows: AnyArray, *, shared: bool) -> Self:
        """Return the range of scaled rows, (m, n_features), at least one.

        Args:
            shared: True if all features have one range, as the pixels of an image.
        """
        if shared or rows.shape[1] > MOST_FEATURES:
            rows = rows.reshape(-1, 1)
        return cls(rows.min(axis=0).astype(np.float64), rows.max(axis=0).astype(np.float64))

    @classmethod
    def from_json(cls, value: Any, n_features: int) -> Self | None:
        """Return the range that `to_json` gave; None if the value is none that fits."""
        try:
            low, high = np.array(value, np.float64)
        except (TypeError, ValueError):
            return None
        return cls(low, high) if low.shape in ((1,), (n_features,)) else None

    def to_json(self) -> list[list[float]]:
        """Return [low, high] as plain numbers."""
        return [self.low.tolist(), self.high.tolist()]

    def misfit(self, rows: AnyArray) -> str:
        """Return in a sentence that most rows, (m, n_features), lie far outside of the range; "" if they do not.

        Far is half the range's width: data that were not scaled lie farther, and new samples of a scaled set do not.
        """
        slack = np.maximum((self.high - self.low) / 2, 1e-6)
        outside = ((rows < self.low - slack) | (rows > self.high + slack)).any(axis=1)
        if not len(rows) or outside.mean() <= 0.5:
            return ""
        given = f"{rows.min():.4g} to {rows.max():.4g}"
        known = f"{self.low.min():.4g} to {self.high.max():.4g}"
        return (
            f"x ranges over {given}, the training data over {known}: scale x as they were, with data.scaler"
        )
