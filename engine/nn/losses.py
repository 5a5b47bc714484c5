"""Loss functions, each with its gradient, formula and source.

A loss looks at *scores*, shape (m, k), and *targets* of the same shape (one-hot rows, 0/1, or values).
Scores are the logits where the last activation is the loss's `link` (softmax for cross-entropy): loss and
activation are then one stable function. With any other last activation the scores are its output, which the
loss takes as logits, as `torch.nn.functional.cross_entropy` does.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

# by name what every step calls: to look it up in `np` costs 0.1 us
from numpy import exp, log, logaddexp, multiply, negative, subtract, vdot

from engine.arrays import AnyArray, Array, Labels
from engine.named import Named, registry
from engine.nn.activation import Activation

FEW_CLASSES = 256
"""Up to so many, a product with a square matrix of ones, which gives each row's sum k times, is the fastest way to
divide by it."""


class LossScratch:
    """Work arrays of a loss for scores of shape (m, k): each is allocated once, when it is first asked for."""

    def __init__(self, shape: tuple[int, int], dtype: np.dtype[np.floating]) -> None:
        self.shape, self.dtype = shape, dtype

    @cached_property
    def gradient(self) -> Array:
        """Where the network lets it be written, (m, k)."""
        return np.empty(self.shape, self.dtype)

    @cached_property
    def temporary(self) -> Array:
        """Free to use, (m, k)."""
        return np.empty(self.shape, self.dtype)

    @cached_property
    def factor(self) -> Array:
        """Room for one number: a product takes it in half the time where it is an array without axes."""
        return np.empty((), self.dtype)

    @cached_property
    def ones(self) -> Array:
        """Ones, (m, k): a product with them sums in half the time of `sum`."""
        return np.ones(self.shape, self.dtype)

    @cached_property
    def row_starts(self) -> Labels:
        """Where each row begins in the flat order, (m,)."""
        m, k = self.shape
        return np.arange(0, m * k, k)

    @cached_property
    def largest(self) -> Labels:
        """Room for a place in each row, (m,)."""
        return np.empty_like(self.row_starts)

    @cached_property
    def sums_up(self) -> Array:
        """The matrix of ones by which a product gives each row's sum, k times, (k, k); of many classes once, (k, 1)."""
        k = self.shape[1]
        return np.ones((k, k if k <= FEW_CLASSES else 1), self.dtype)

    @cached_property
    def sums(self) -> Array:
        """Room for those sums, (m, k) or (m, 1)."""
        return np.empty((self.shape[0], self.sums_up.shape[1]), self.dtype)

    @cached_property
    def first_sums(self) -> Array:
        """Its first column, (m,)."""
        return self.sums[:, 0]


class Loss(Named, frozen=True):
    """A function from scores and targets to one number, and its gradient for the scores."""

    link: ClassVar[str] = "linear"
    """The activation that is part of this loss."""
    compares_classes: ClassVar[bool] = False
    """True if targets are classes (0 or 1 for each output); a regression cannot use it."""
    takes_values: ClassVar[bool] = False
    """True if whole numbers, for a single output, are values and not classes."""
    follows_gradient: ClassVar[bool] = True
    """False for a rule whose steps do not depend on how wrong an output is: rates and norms then mean little."""
    has_kinks: ClassVar[bool] = False
    """True if the slope jumps anywhere: `kinks` then gives the sides."""
    output_needed: ClassVar[str] = ""
    """The outputs that this loss needs, in words; empty: any that have a slope."""
    torch_name: ClassVar[str] = ""
    """The function's name in `torch.nn.functional`, of logits where `link` is not linear; empty: none."""

    def kinks(self, scores: Array) -> AnyArray | None:
        """Return the side of the kink on which each score lies (bool, shape of scores); None: smooth."""
        return None

    def constant_loss(self, shares: Array) -> float | None:
        """Return the least mean loss of one answer to all samples; None: not known.

        Args:
            shares: (k,), the share of samples whose target is 1, for each output.
        """
        return None

    def differentiate(
        self, scores: Array, targets: Array, gradient: Array, scale: float, scratch: LossScratch
    ) -> Any:
        """Write `scale` times the gradient for the scores into `gradient`, (m, k); return what `values` takes.

        `scores` may be changed by a constant per row (the shift that keeps exponentials small).
        """
        raise NotImplementedError

    def values(self, terms: Sequence[Any]) -> list[float]:
        """Return the loss of each batch from what `differentiate` gave: what many share is computed once."""
        return [float(term) for term in terms]

    def value_and_gradient(self, scores: Array, targets: Array, gradient: Array, scale: float) -> float:
        """Return the loss and write `scale` times its gradient into `gradient`; as `differentiate` for one batch."""
        scratch = LossScratch(scores.shape, scores.dtype)
        return self.values([self.differentiate(scores, targets, gradient, scale, scratch)])[0]

    def value(self, scores: Array, targets: Array) -> float:
        """Return the loss; scores and targets stay as they are."""
        return self.value_and_gradient(scores.copy(), targets, np.empty_like(scores), 1.0)


class CrossEntropy(Loss, frozen=True):
    """L = (1/m) Σᵢ [ln Σₖ e^(zᵢₖ) − zᵢ,yᵢ], gradient (softmax(z) − t) / m.

    The mean over the batch, as in PyTorch. Source: Goodfellow, Bengio, Courville 2016, section 6.2.2.3.
    """

    link: ClassVar[str] = "softmax"
    compares_classes: ClassVar[bool] = True
    output_needed: ClassVar[str] = "outputs that are probabilities of the classes and sum to 1"
    torch_name: ClassVar[str] = "cross_entropy"

    def constant_loss(self, shares: Array) -> float | None:
        return entropy(shares)

    def differentiate(
        self, scores: Array, targets: Array, gradient: Array, scale: float, scratch: LossScratch
    ) -> Any:
        m, k = scores.shape
        if (
            k == 1
        ):  # the only class there is has probability 1, whatever the target: forced nonsense, but true
            gradient.fill(0)
            return np.ones(m, scores.dtype), 0.0
        largest, sums = scores.argmax(1, scratch.largest), scratch.sums
        largest += scratch.row_starts  # finding where it is is twice as fast as finding how much
        scores -= scores.take(largest).reshape(m, 1)  # (m, k), at most 0: nothing overflows
        exp(scores, gradient)
        gradient.dot(scratch.sums_up, sums)
        gradient /= sums
        gradient -= targets
        scratch.factor.fill(scale / m)
        gradient *= scratch.factor
        return scratch.first_sums.copy(), vdot(targets, scores)

    def values(self, terms: Sequence[tuple[Array, float]]) -> list[float]:
        """Take all logarithms at once: one by one they are 2% to 4% of a small network's step."""
        if not terms:
            return []
        lengths = np.array([len(sums) for sums, _ in terms])
        logarithms = log(np.concatenate([sums for sums, _ in terms]))  # (m_0 + m_1 + ...,)
        log_sums = np.add.reduceat(logarithms, np.cumsum(lengths) - lengths, dtype=np.float64)
        losses: list[float] = ((log_sums - np.array([right for _, right in terms])) / lengths).tolist()
        return losses


class BinaryCrossEntropy(Loss, frozen=True):
    """L = mean of softplus(z) − t z over all (m, k) scores, gradient (σ(z) − t) / (m k).

    Equal to −t ln σ(z) − (1 − t) ln(1 − σ(z)) without its overflow, as `binary_cross_entropy_with_logits`;
    taken as ln(e^(−t z) + e^(z − t z)), it keeps its digits where z is large and right.
    """

    link: ClassVar[str] = "sigmoid"
    compares_classes: ClassVar[bool] = True
    output_needed: ClassVar[str] = "each output to be a probability of its own"
    torch_name: ClassVar[str] = "binary_cross_entropy_with_logits"

    def constant_loss(self, shares: Array) -> float | None:
        return float(np.mean([entropy(np.array([p, 1 - p])) for p in shares]))

    def differentiate(
        self, scores: Array, targets: Array, gradient: Array, scale: float, scratch: LossScratch
    ) -> Any:
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

    The course's L = Σ (z − t)² / 2m is k/2 times this.
    """

    takes_values: ClassVar[bool] = True
    torch_name: ClassVar[str] = "mse_loss"

    def constant_loss(self, shares: Array) -> float | None:
        return float(np.mean(shares * (1 - shares)))

    def differentiate(
        self, scores: Array, targets: Array, gradient: Array, scale: float, scratch: LossScratch
    ) -> Any:
        subtract(scores, targets, gradient)
        loss = vdot(gradient, gradient) / scores.size
        scratch.factor.fill(2 * scale / scores.size)
        gradient *= scratch.factor
        return loss


class PerceptronCriterion(Loss, frozen=True, tag="perceptron"):
    """The perceptron criterion L = (1/m) Σ max(0, z) − t z, gradient (step(z) − t) / m.

    Zero where the step output is right, the distance z from the boundary where it is wrong; one gradient step
    is Rosenblatt's rule w ← w + η (t − step(z)) x. Source: Bishop 2006, section 4.1.7.
    """

    link: ClassVar[str] = "step"
    compares_classes: ClassVar[bool] = True
    follows_gradient: ClassVar[bool] = False
    has_kinks: ClassVar[bool] = True
    output_needed: ClassVar[str] = "an output that says yes or no"

    def kinks(self, scores: Array) -> AnyArray | None:
        return np.greater(scores, 0)

    def differentiate(
        self, scores: Array, targets: Array, gradient: Array, scale: float, scratch: LossScratch
    ) -> Any:
        m = len(scores)
        np.greater(scores, 0, out=gradient, casting="unsafe")
        gradient -= targets
        loss = vdot(gradient, scores) / m  # max(0, z) = step(z) z, so a right output adds exactly 0
        gradient *= scale / m
        return loss


def entropy(shares: Array) -> float:
    """Return −Σ p ln p over the shares p that are not 0."""
    present = shares[shares > 0]
    return float(-(present * np.log(present)).sum())


LOSSES: dict[str, type[Loss]] = registry([CrossEntropy, BinaryCrossEntropy, Mse, PerceptronCriterion])


def linked_loss(activation: Activation) -> Loss | None:
    """Return the loss that has this activation built in; None: no loss has, as for linear."""
    if activation.is_linear:
        return None
    return next((loss() for loss in LOSSES.values() if loss.link == activation.name), None)
