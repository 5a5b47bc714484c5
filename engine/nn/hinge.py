"""The hinge loss of a maximum-margin classifier (see `loss.py`; `losses.py` registers it)."""

from typing import Any, ClassVar

import numpy as np

from engine.arrays import Array
from engine.nn.loss import Loss, LossScratch


class Hinge(Loss, frozen=True):
    """L = mean of max(0, 1 − s z) over all (m, k) scores, with s = 2t − 1; gradient −s / (m k) where s z < 1, else 0.

    Targets 0 and 1 stand for s = −1 and 1, as in Keras; several outputs are separate yes/no questions. At the kink,
    s z = 1, the gradient is 0. Source: Cortes and Vapnik 1995.
    """

    use: ClassVar[str] = "For classes by a margin, as a support vector machine; with linear outputs."
    compares_classes: ClassVar[bool] = True
    output_needed: ClassVar[str] = "outputs that reach from −1 to 1, as those of linear or tanh"
    output_span: ClassVar[tuple[float, float] | None] = (-1.0, 1.0)

    def from_kink(self, scores: Array, targets: Array) -> Array | None:
        return scores - (2 * targets - 1)

    def constant_loss(self, shares: Array) -> float | None:
        """Return 2 min(p, 1 − p) for targets with shares p, (k,), averaged over the outputs: that of z = ±1."""
        return float(np.mean(2 * np.minimum(shares, 1 - shares)))

    def differentiate(
        self, scores: Array, targets: Array, gradient: Array, scale: float, scratch: LossScratch
    ) -> Any:
        """Write `scale` · (−s [s z < 1]) / (m k) into `gradient`, (m, k), and return L; `scores` stays unchanged."""
        size = scores.size
        signs = np.multiply(targets, 2, out=scratch.temporary)
        signs -= 1
        np.multiply(signs, scores, out=gradient)
        np.subtract(1, gradient, out=gradient)
        np.maximum(gradient, 0, out=gradient)  # (m, k), the terms
        loss = np.vdot(gradient, scratch.ones) / size
        np.sign(gradient, out=gradient)
        gradient *= signs
        scratch.factor.fill(-scale / size)
        gradient *= scratch.factor
        return loss
