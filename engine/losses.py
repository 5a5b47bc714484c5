"""Loss functions, each with its gradient, formula and source.

A loss looks at *scores*, shape (m, k), and *targets* of the same shape (one-hot rows, 0/1, or values).
Scores are the logits where the last activation is the loss's `link` (softmax for cross-entropy): loss and
activation are then one stable function. With any other last activation the scores are its output, which the
loss takes as logits, as `torch.nn.functional.cross_entropy` does.
"""

import functools
from typing import ClassVar

import numpy as np

from engine.arrays import Array, Labels
from engine.named import Named, registry

FEW_CLASSES = 256
"""Up to so many, a product with a square matrix of ones, which gives each row's sum k times, is the fastest way to
divide by it."""


class Loss(Named, frozen=True):
    """A function from scores and targets to one number, and its gradient for the scores."""

    link: ClassVar[str] = "linear"
    """The activation that is part of this loss."""

    def value_and_gradient(self, scores: Array, targets: Array, gradient: Array, scale: float) -> float:
        """Return the loss and write `scale` times its gradient for the scores into `gradient`, shape (m, k).

        `scores` may be changed by a constant per row (the shift that keeps exponentials small).
        """
        raise NotImplementedError

    def value(self, scores: Array, targets: Array) -> float:
        """Return the loss; scores and targets stay as they are."""
        return self.value_and_gradient(scores.copy(), targets, np.empty_like(scores), 1.0)


class CrossEntropy(Loss, frozen=True):
    """L = (1/m) Σᵢ [ln Σₖ e^(zᵢₖ) − zᵢ,yᵢ], gradient (softmax(z) − t) / m.

    The mean over the batch, as in PyTorch. Source: Goodfellow, Bengio, Courville 2016, section 6.2.2.3.
    """

    link: ClassVar[str] = "softmax"

    def value_and_gradient(self, scores: Array, targets: Array, gradient: Array, scale: float) -> float:
        m, k = scores.shape
        if (
            k == 1
        ):  # the only class there is has probability 1, whatever the target: forced nonsense, but true
            gradient.fill(0)
            return 0.0
        row_starts, summing, ones = _constants(m, k, gradient.dtype.char)
        largest = scores.argmax(axis=1)  # (m,); finding where is twice as fast as finding how much
        largest += row_starts
        scores -= scores.take(largest).reshape(m, 1)  # (m, k), at most 0: nothing overflows
        np.exp(scores, gradient)
        sums = gradient.dot(summing)  # each row's sum, (m, k) or (m, 1)
        log_sum = np.log(sums[:, 0]).dot(ones)
        loss = (log_sum - np.vdot(targets, scores)) / m
        gradient /= sums
        gradient -= targets
        gradient *= _number(scale / m, gradient.dtype.char)
        return float(loss)


class BinaryCrossEntropy(Loss, frozen=True):
    """L = mean of softplus(z) − t z over all (m, k) scores, gradient (σ(z) − t) / (m k).

    Equal to −t ln σ(z) − (1 − t) ln(1 − σ(z)) without its overflow, as `binary_cross_entropy_with_logits`;
    taken as ln(e^(−t z) + e^(z − t z)), it keeps its digits where z is large and right.
    """

    link: ClassVar[str] = "sigmoid"

    def value_and_gradient(self, scores: Array, targets: Array, gradient: Array, scale: float) -> float:
        np.multiply(targets, scores, gradient)
        without_target = scores - gradient  # (m, k), z − t z
        np.negative(gradient, gradient)
        np.logaddexp(gradient, without_target, gradient)
        kind = gradient.dtype.char
        loss = gradient.ravel().dot(_ones(scores.size, kind)) / scores.size
        np.subtract(without_target, gradient, gradient)
        np.exp(gradient, gradient)  # e^(z − t z) / (e^(−t z) + e^(z − t z)) = σ(z)
        gradient -= targets
        gradient *= _number(scale / scores.size, kind)
        return float(loss)


class Mse(Loss, frozen=True):
    """L = mean of (z − t)² over all (m, k) scores, gradient 2 (z − t) / (m k), as `torch.nn.MSELoss`.

    The course's L = Σ (z − t)² / 2m is k/2 times this.
    """

    def value_and_gradient(self, scores: Array, targets: Array, gradient: Array, scale: float) -> float:
        np.subtract(scores, targets, out=gradient)
        loss = np.vdot(gradient, gradient) / scores.size
        gradient *= _number(2 * scale / scores.size, gradient.dtype.char)
        return float(loss)


class Perceptron(Loss, frozen=True):
    """The perceptron criterion L = (1/m) Σ max(0, z) − t z, gradient (step(z) − t) / m.

    Zero where the step output is right, the distance z from the boundary where it is wrong; one gradient step
    is Rosenblatt's rule w ← w + η (t − step(z)) x. Source: Bishop 2006, section 4.1.7.
    """

    link: ClassVar[str] = "step"

    def value_and_gradient(self, scores: Array, targets: Array, gradient: Array, scale: float) -> float:
        m = len(scores)
        np.greater(scores, 0, out=gradient, casting="unsafe")
        gradient -= targets
        loss = np.vdot(gradient, scores) / m  # max(0, z) = step(z) z, so a right output adds exactly 0
        gradient *= _number(scale / m, gradient.dtype.char)
        return float(loss)


@functools.lru_cache(64)
def _constants(m: int, k: int, dtype: str) -> tuple[Labels, Array, Array]:
    """What cross-entropy needs beside (m, k) scores: where each row begins in the flat order, (m,); the matrix of ones
    by which a product gives each row's sum, (k, k), or (k, 1) of many classes; ones, (m,), by which one sums.
    """
    summing = np.ones((k, k if k <= FEW_CLASSES else 1), dtype)
    return np.arange(0, m * k, k), summing, np.ones(m, dtype)


@functools.lru_cache(64)
def _ones(n: int, dtype: str) -> Array:
    """Ones: a product with them sums in half the time of `sum`."""
    return np.ones(n, dtype)


@functools.lru_cache(64)
def _number(value: float, dtype: str) -> Array:
    """A factor as an array without axes: a product takes it in half the time of a Python number (small batches)."""
    return np.array(value, dtype)


LOSSES: dict[str, type[Loss]] = registry([CrossEntropy, BinaryCrossEntropy, Mse, Perceptron])
