"""Loss functions of scores and targets, each with its gradient, formula and source (see `loss.py`)."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

# imported by name because they run in every step: a lookup in `np` costs 0.1 us
from numpy import exp, log, logaddexp, multiply, negative, subtract, vdot

from engine.arrays import Array
from engine.named import registry
from engine.nn.activation import Activation
from engine.nn.hinge import Hinge
from engine.nn.loss import Loss, LossScratch
from engine.nn.robust_losses import Huber, Mae

__all__ = [
    "LOSSES",
    "BinaryCrossEntropy",
    "CrossEntropy",
    "Hinge",
    "Huber",
    "Loss",
    "Mae",
    "Mse",
    "PerceptronCriterion",
    "entropy",
    "linked_loss",
]


class CrossEntropy(Loss, frozen=True):
    """L = (1/m) Σᵢ [ln Σₖ e^(zᵢₖ) − zᵢ,yᵢ], gradient (softmax(z) − t) / m.

    The mean over the batch, as in PyTorch. Source: Goodfellow, Bengio, Courville 2016, section 6.2.2.3.
    """

    use: ClassVar[str] = "For one class of several, with softmax outputs."
    link: ClassVar[str] = "softmax"
    compares_classes: ClassVar[bool] = True
    output_needed: ClassVar[str] = "probabilities of the classes that sum to 1"
    torch_name: ClassVar[str] = "cross_entropy"

    def constant_loss(self, shares: Array) -> float | None:
        """Return the entropy of the class shares, (k,)."""
        return entropy(shares)

    def differentiate(
        self, scores: Array, targets: Array, gradient: Array, scale: float, scratch: LossScratch
    ) -> Any:
        """Write `scale` (softmax(z) − t) / m into `gradient`, (m, k).

        Subtracts each row's maximum from `scores`. Returns (Σₖ e^zₖ, Σᵢ tᵢ·zᵢ) of the shifted z, shapes (m,) and ().
        """
        m, k = scores.shape
        if k == 1:  # the only class has probability 1 whatever the target; possible only with force = true
            gradient.fill(0)
            return np.ones(m, scores.dtype), 0.0
        largest, sums = scores.argmax(1, scratch.largest), scratch.sums
        largest += scratch.row_starts  # argmax and take: twice as fast as max
        scores -= scores.take(largest).reshape(m, 1)  # (m, k), at most 0: no overflow
        exp(scores, gradient)
        gradient.dot(scratch.summing_matrix, sums)
        gradient /= sums
        gradient -= targets
        scratch.factor.fill(scale / m)
        gradient *= scratch.factor
        return scratch.first_sums.copy(), vdot(targets, scores)

    def values(self, terms: Sequence[tuple[Array, float]]) -> list[float]:
        """Return the mean loss of each batch; one `log` for all batches saves 2% to 4% of a small network's step."""
        if not terms:
            return []
        lengths = np.array([len(sums) for sums, _ in terms])
        logarithms = log(np.concatenate([sums for sums, _ in terms]))  # (m_0 + m_1 + ...,)
        log_sums = np.add.reduceat(logarithms, np.cumsum(lengths) - lengths, dtype=np.float64)
        losses: list[float] = ((log_sums - np.array([chosen for _, chosen in terms])) / lengths).tolist()
        return losses


class BinaryCrossEntropy(Loss, frozen=True):
    """L = mean of softplus(z) − t z over all (m, k) scores, gradient (σ(z) − t) / (m k).

    Equal to −t ln σ(z) − (1 − t) ln(1 − σ(z)) without its overflow, as `binary_cross_entropy_with_logits`. Computed as
    ln(e^(−t z) + e^(z − t z)), which keeps its precision for large z with the correct sign.
    Source: Goodfellow, Bengio, Courville 2016, section 6.2.2.2.
    """

    use: ClassVar[str] = "For yes/no tasks, with sigmoid outputs."
    link: ClassVar[str] = "sigmoid"
    compares_classes: ClassVar[bool] = True
    output_needed: ClassVar[str] = "an independent probability per output"
    torch_name: ClassVar[str] = "binary_cross_entropy_with_logits"

    def constant_loss(self, shares: Array) -> float | None:
        """Return the binary entropy of the shares, (k,), averaged over the outputs."""
        return float(np.mean([entropy(np.array([p, 1 - p])) for p in shares]))

    def differentiate(
        self, scores: Array, targets: Array, gradient: Array, scale: float, scratch: LossScratch
    ) -> Any:
        """Write `scale` (σ(z) − t) / (m k) into `gradient`, (m, k), and return L; `scores` stays unchanged."""
        size = scores.size
        multiply(targets, scores, gradient)
        without_target = subtract(scores, gradient, scratch.temporary)  # (m, k), z − t z
        negative(gradient, gradient)
        logaddexp(gradient, without_target, gradient)
        loss = vdot(gradient, scratch.ones) / size
        subtract(without_target, gradient, gradient)
        exp(gradient, gradient)  # e^(z − t z) / (e^(−t z) + e^(z − t z)) = σ(z)
        gradient -= targets
        scratch.factor.fill(scale / size)
        gradient *= scratch.factor
        return loss


class Mse(Loss, frozen=True):
    """L = mean of (z − t)² over all (m, k) scores, gradient 2 (z − t) / (m k), as `torch.nn.MSELoss`.

    The course's L = Σ (z − t)² / 2m is k/2 times this. Source: Goodfellow, Bengio, Courville 2016, section 5.1.4.
    """

    use: ClassVar[str] = "Mean squared error, for regression; large errors count most."
    takes_values: ClassVar[bool] = True
    is_difference: ClassVar[bool] = False
    torch_name: ClassVar[str] = "mse_loss"

    def constant_loss(self, shares: Array) -> float | None:
        """Return the variance p (1 − p) of 0/1 targets with shares p, (k,), averaged over the outputs."""
        return float(np.mean(shares * (1 - shares)))

    def constant_loss_of_values(self, targets: Array) -> float | None:
        """Return the variance of each column of the targets, (m, k), averaged over the columns."""
        return float(targets.var(axis=0).mean())

    def differentiate(
        self, scores: Array, targets: Array, gradient: Array, scale: float, scratch: LossScratch
    ) -> Any:
        """Write `scale` · 2 (z − t) / (m k) into `gradient`, (m, k), and return L; `scores` stays unchanged."""
        subtract(scores, targets, gradient)
        loss = vdot(gradient, gradient) / scores.size
        scratch.factor.fill(2 * scale / scores.size)
        gradient *= scratch.factor
        return loss


class PerceptronCriterion(Loss, frozen=True, tag="perceptron"):
    """The perceptron criterion L = (1/m) Σ max(0, z) − t z, gradient (step(z) − t) / m.

    A term is 0 if the step output is correct, else |z|, proportional to the distance from the boundary. One gradient
    step is Rosenblatt's rule w ← w + η (t − step(z)) x. Source: Bishop 2006, section 4.1.7.
    """

    use: ClassVar[str] = "Rosenblatt's criterion, for a step output and the perceptron optimizer."
    link: ClassVar[str] = "step"
    compares_classes: ClassVar[bool] = True
    follows_gradient: ClassVar[bool] = False
    output_needed: ClassVar[str] = "an output of 0 or 1"

    def from_kink(self, scores: Array, targets: Array) -> Array | None:
        return scores

    def differentiate(
        self, scores: Array, targets: Array, gradient: Array, scale: float, scratch: LossScratch
    ) -> Any:
        """Write `scale` (step(z) − t) / m into `gradient`, (m, k), and return L; `scores` stays unchanged."""
        m = len(scores)
        np.greater(scores, 0, out=gradient, casting="unsafe")
        gradient -= targets
        loss = vdot(gradient, scores) / m  # max(0, z) = step(z) z: a correct output adds exactly 0
        gradient *= scale / m
        return loss


def entropy(shares: Array) -> float:
    """Return −Σ p ln p, in nats, over the non-zero entries p of `shares`, (k,). Source: Shannon 1948."""
    present = shares[shares > 0]
    return float(-(present * np.log(present)).sum())


LOSSES: dict[str, type[Loss]] = registry(
    [CrossEntropy, BinaryCrossEntropy, Mse, Mae, Huber, Hinge, PerceptronCriterion]
)
"""The losses by their name in the experiment file."""


def linked_loss(activation: Activation) -> Loss | None:
    """Return the loss whose `link` is this activation; None if no loss has it, as for linear."""
    if activation.is_linear:
        return None
    return next((loss() for loss in LOSSES.values() if loss.link == activation.name), None)
