"""Losses of a regression that large errors dominate less than its square: mae and huber (see `loss.py`)."""

from typing import Any, ClassVar

import numpy as np

from engine.arrays import Array
from engine.named import Positive
from engine.nn.loss import Loss, LossScratch


class Mae(Loss, frozen=True):
    """L = mean of |z − t| over all (m, k) scores, gradient sign(z − t) / (m k), 0 at z = t, as `torch.nn.L1Loss`.

    Source: Hastie, Tibshirani, Friedman 2009, section 10.6.
    """

    use: ClassVar[str] = "Mean absolute error, for regression with outliers; predicts the median."
    takes_values: ClassVar[bool] = True
    is_difference: ClassVar[bool] = False
    torch_name: ClassVar[str] = "l1_loss"

    def from_kink(self, scores: Array, targets: Array) -> Array | None:
        return scores - targets

    def constant_loss(self, shares: Array) -> float | None:
        """Return min(p, 1 − p) for 0/1 targets with shares p, (k,), averaged over the outputs."""
        return float(np.mean(np.minimum(shares, 1 - shares)))

    def constant_loss_of_values(self, targets: Array) -> float | None:
        """Return the mean distance of the targets, (m, k), from the median of their column."""
        return float(np.abs(targets - np.median(targets, axis=0)).mean())

    def differentiate(
        self, scores: Array, targets: Array, gradient: Array, scale: float, scratch: LossScratch
    ) -> Any:
        """Write `scale` · sign(z − t) / (m k) into `gradient`, (m, k), and return L; `scores` stays unchanged."""
        size = scores.size
        off = np.subtract(scores, targets, out=scratch.temporary)
        np.sign(off, out=gradient)
        loss = np.vdot(gradient, off) / size
        scratch.factor.fill(scale / size)
        gradient *= scratch.factor
        return loss


class Huber(Loss, frozen=True):
    """L = mean of d²/2 for |d| ≤ δ, else δ (|d| − δ/2), with d = z − t; gradient clip(d, −δ, δ) / (m k).

    As `torch.nn.HuberLoss`. Source: Huber 1964.
    """

    use: ClassVar[str] = "For regression with outliers: squared up to delta, absolute beyond."

    delta: Positive = 1.0
    """δ, the error up to which the loss is squared."""

    takes_values: ClassVar[bool] = True
    is_difference: ClassVar[bool] = False
    torch_name: ClassVar[str] = "huber_loss"

    @property
    def reach(self) -> float:
        return self.delta

    def torch_options(self) -> dict[str, Any]:
        return {"delta": self.delta}

    def from_bend(self, scores: Array, targets: Array) -> Array | None:
        """Return |z − t| − δ, (m, k): beyond δ the loss is straight."""
        distance: Array = np.abs(scores - targets) - self.delta
        return distance

    def constant_loss(self, shares: Array) -> float | None:
        """Return the smallest mean loss of one number for 0/1 targets with shares p, (k,), averaged over the outputs."""
        return float(np.mean([self._constant(min(p, 1 - p)) for p in shares.tolist()]))

    def _constant(self, rare: float) -> float:
        """Return the loss of the best number c for targets of which the share `rare`, at most 1/2, is 1."""
        delta = self.delta
        if 1 - rare <= delta:  # all errors are squared: c is the mean
            return rare * (1 - rare) / 2
        c = delta * rare / (1 - rare)  # where (1 − p) c = p δ
        return rare * delta * (1 - c - delta / 2) + (1 - rare) * c * c / 2

    def constant_loss_of_values(self, targets: Array) -> float | None:
        """Return the smallest mean loss of one number for each column of the targets, (m, k).

        The derivative, the mean of clip(c − t, −δ, δ), does not fall in c: its zero is found by bisection.
        """
        low, high = targets.min(axis=0), targets.max(axis=0)  # (k,)
        for _ in range(60):
            c = (low + high) / 2
            rises = np.clip(c - targets, -self.delta, self.delta).sum(axis=0) > 0
            low, high = np.where(rises, low, c), np.where(rises, c, high)
        return self.value(np.broadcast_to((low + high) / 2, targets.shape), targets)

    def differentiate(
        self, scores: Array, targets: Array, gradient: Array, scale: float, scratch: LossScratch
    ) -> Any:
        """Write `scale` · clip(z − t, −δ, δ) / (m k) into `gradient`, (m, k), and return L; `scores` stays unchanged."""
        size = scores.size
        off = np.subtract(scores, targets, out=scratch.temporary)
        np.clip(off, -self.delta, self.delta, out=gradient)
        loss = (np.vdot(gradient, off) - np.vdot(gradient, gradient) / 2) / size
        scratch.factor.fill(scale / size)
        gradient *= scratch.factor
        return loss
