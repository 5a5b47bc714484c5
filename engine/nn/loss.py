"""The base class of losses: the function, its gradient, and the properties that other packages read.

A loss compares *scores*, shape (m, k), with *targets* of the same shape (one-hot rows, 0/1, or values), both in the
network's dtype. If the last activation is the loss's `link` (softmax for cross-entropy), the scores are the logits, so
that loss and activation form one numerically stable function. With any other last activation the scores are its
output, which the loss uses as logits, as `torch.nn.functional.cross_entropy` does.

A new loss is a class, in `losses.py` or its own file, and one entry in `LOSSES`.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from engine.arrays import Array, Labels
from engine.named import Named

FEW_CLASSES = 256
"""Up to this number of classes k, dividing rows by their sums is fastest with a product with the (k, k) matrix of ones,
which yields each row's sum k times."""


class LossScratch:
    """Work arrays of a loss for scores of shape (m, k), each allocated on first use."""

    def __init__(self, shape: tuple[int, int], dtype: np.dtype[np.floating]) -> None:
        self.shape, self.dtype = shape, dtype

    @cached_property
    def gradient(self) -> Array:
        """Destination of the gradient with respect to the scores, (m, k)."""
        return np.empty(self.shape, self.dtype)

    @cached_property
    def temporary(self) -> Array:
        """An array for intermediate results, (m, k)."""
        return np.empty(self.shape, self.dtype)

    @cached_property
    def factor(self) -> Array:
        """Array for one number, shape (): a product with it takes half the time of one with a Python float."""
        return np.empty((), self.dtype)

    @cached_property
    def ones(self) -> Array:
        """Ones, (m, k): a dot product with them takes half the time of `sum`."""
        return np.ones(self.shape, self.dtype)

    @cached_property
    def row_starts(self) -> Labels:
        """Flat index of the first entry of each row, (m,)."""
        m, k = self.shape
        return np.arange(0, m * k, k)

    @cached_property
    def largest(self) -> Labels:
        """Array for one index per row, (m,)."""
        return np.empty_like(self.row_starts)

    @cached_property
    def summing_matrix(self) -> Array:
        """Ones, (k, k), or (k, 1) for many classes: a product with them yields each row's sum k times, or once."""
        k = self.shape[1]
        return np.ones((k, k if k <= FEW_CLASSES else 1), self.dtype)

    @cached_property
    def sums(self) -> Array:
        """Array for the row sums, (m, k) or (m, 1)."""
        return np.empty((self.shape[0], self.summing_matrix.shape[1]), self.dtype)

    @cached_property
    def first_sums(self) -> Array:
        """First column of `sums`, (m,); a view."""
        return self.sums[:, 0]


class Loss(Named, frozen=True):
    """A function of scores and targets, both (m, k), to one number, and its gradient with respect to the scores."""

    link: ClassVar[str] = "linear"
    """Name of the activation that is part of this loss."""
    compares_classes: ClassVar[bool] = False
    """True if targets are classes (0 or 1 for each output); a regression cannot use it."""
    takes_values: ClassVar[bool] = False
    """True if integer targets of a single output are values and not classes."""
    follows_gradient: ClassVar[bool] = True
    """False for a rule whose steps do not depend on the size of the error: learning rates and norms then mean little."""
    is_difference: ClassVar[bool] = True
    """True if the value is computed from terms of about 1 that may cancel, so that its rounding error stays at theirs."""
    output_needed: ClassVar[str] = ""
    """Description of the outputs that this loss needs; empty: any that are differentiable."""
    output_span: ClassVar[tuple[float, float] | None] = None
    """Outputs that this loss needs to be possible, from and to; an activation whose range has them suits it."""
    torch_name: ClassVar[str] = ""
    """Name of the function in `torch.nn.functional`, of logits if `link` is not linear; empty: no equivalent."""

    def twin(self) -> Any:
        """Return the mean loss as a function of two torch tensors, scores and targets, both (m, k).

        For a loss without a `torch_name`; None: there is none. Import torch inside of this method.
        """
        return None

    @property
    def reach(self) -> float:
        """The size of the scores at which every part of the formula is seen, for a test at random scores."""
        return 1.0

    def torch_options(self) -> dict[str, Any]:
        """Return the keyword arguments of PyTorch's function `torch_name`."""
        return {}

    def from_kink(self, scores: Array, targets: Array) -> Array | None:
        """Return each score's distance from the kink, where the derivative jumps, (m, k); None if there is none."""
        return None

    def from_bend(self, scores: Array, targets: Array) -> Array | None:
        """Return each score's distance from where only the second derivative jumps, (m, k); None if it does nowhere."""
        return None

    def constant_loss(self, shares: Array) -> float | None:
        """Return the smallest mean loss of a constant prediction; None if unknown.

        Args:
            shares: share of samples whose target is 1, for each output, (k,).
        """
        return None

    def constant_loss_of_values(self, targets: Array) -> float | None:
        """Return the smallest mean loss of a constant prediction of values, (m, k); None if unknown."""
        return None

    def differentiate(
        self, scores: Array, targets: Array, gradient: Array, scale: float, scratch: LossScratch
    ) -> Any:
        """Write `scale` · dL/d(scores) into `gradient`, and return the batch's term, from which `values` computes L.

        Args:
            scores: (m, k); may be changed by a constant per row (a shift that keeps exponentials small).
            targets: (m, k); not changed.
            gradient: (m, k); overwritten.
            scale: factor of the gradient; 1 for the plain gradient.
            scratch: work arrays for shape (m, k); overwritten.
        """
        raise NotImplementedError

    def values(self, terms: Sequence[Any]) -> list[float]:
        """Return the mean loss of each batch from the terms that `differentiate` returned."""
        return [float(term) for term in terms]

    def value_and_gradient(self, scores: Array, targets: Array, gradient: Array, scale: float) -> float:
        """Return the mean loss of one batch and write `scale` · dL/d(scores) into `gradient`, all (m, k)."""
        scratch = LossScratch(scores.shape, scores.dtype)
        return self.values([self.differentiate(scores, targets, gradient, scale, scratch)])[0]

    def value(self, scores: Array, targets: Array) -> float:
        """Return the mean loss of scores and targets, both (m, k); neither is changed."""
        return self.value_and_gradient(scores.copy(), targets, np.empty_like(scores), 1.0)
