"""Simple methods on the same data, nearest neighbours and a linear fit: a measure for a network."""

import math

import msgspec
import numpy as np

from engine.arrays import AnyArray, Array
from engine.data import Data

SAMPLED, VALUES = 1_500, 500_000
"""Training samples used, and their values altogether, at most; a third of the samples is predicted."""
FEWEST = 60
"""Training samples below which nothing is concluded."""
NEIGHBOURS = 7
RIDGE = 1e-3
"""Penalty of the linear fit, as a share of the mean squared feature."""


class Baselines(msgspec.Struct, frozen=True):
    """Errors of simple methods on samples that they were not fitted to, over those of a constant prediction.

    The error is the share of wrong predictions for classes, the squared error for values; 1 is no better than a constant.
    """

    neighbours: float
    linear: float
    samples: int
    """Number of samples predicted."""
    constant: float
    """Error of the constant prediction itself."""

    @property
    def best(self) -> float:
        """The smaller one."""
        return min(self.neighbours, self.linear)

    @property
    def name(self) -> str:
        """The better method, in words."""
        return "nearest neighbours" if self.neighbours <= self.linear else "a linear fit"


def baselines_of(data: Data) -> Baselines | None:
    """Return the errors of the simple methods; None for a gate or too few samples."""
    if data.info.kind == "gate" or len(data.train) < FEWEST:
        return None
    most = min(SAMPLED, VALUES // math.prod(data.input_shape))
    rows = data.train.spread(max(FEWEST, most)).astype(np.float64)  # (m, n_features)
    y = data.train.y[np.linspace(0, len(data.train) - 1, len(rows)).astype(np.int64)]
    order = np.random.default_rng(0).permutation(len(rows))
    scaled, y = _usual_size(rows[order]), y[order]
    classes = len(data.class_names)
    targets = np.eye(classes)[y] if classes else y.reshape(len(y), -1).astype(np.float64)  # (m, k)
    cut = 2 * len(rows) // 3
    fitted, known, others, truth = scaled[:cut], targets[:cut], scaled[cut:], targets[cut:]
    constant = _error(np.broadcast_to(known.mean(axis=0), truth.shape), truth, classes)
    if not constant:
        return None
    return Baselines(
        _error(_by_neighbours(fitted, known, others), truth, classes) / constant,
        _error(_by_line(fitted, known, others), truth, classes) / constant,
        len(others),
        constant,
    )


def _usual_size(rows: Array) -> Array:
    """Return the features centred and divided by their deviation, or by 1 % of the largest where theirs is tiny."""
    deviation = rows.std(axis=0)
    usual: Array = (rows - rows.mean(axis=0)) / np.maximum(
        deviation, max(float(deviation.max()) / 100, 1e-12)
    )
    return usual


def _error(predicted: AnyArray, truth: Array, classes: int) -> float:
    if classes:
        return float(np.mean(predicted.argmax(axis=1) != truth.argmax(axis=1)))
    return float(np.mean(np.square(predicted - truth)))


def _by_neighbours(rows: Array, targets: Array, others: Array) -> Array:
    """Return the mean target of the nearest rows, (n, k)."""
    squares = (
        np.square(rows).sum(axis=1) - 2 * others @ rows.T
    )  # the distances, less a constant for each of the others
    nearest = np.argpartition(squares, min(NEIGHBOURS, len(rows) - 1), axis=1)[:, :NEIGHBOURS]
    mean: Array = targets[nearest].mean(axis=1)
    return mean


def _by_line(rows: Array, targets: Array, others: Array) -> Array:
    """Return the predictions of ridge regression, (n, k); of classes, on their indicator columns."""
    with_one, asked = (np.column_stack([part, np.ones(len(part))]) for part in (rows, others))
    penalty = RIDGE * float(np.square(with_one).sum()) / with_one.shape[1]
    wide = with_one.shape[1] > len(rows)  # then the dual form solves fewer equations: W = Xᵀ (X Xᵀ + λ)⁻¹ T
    gram = with_one @ with_one.T if wide else with_one.T @ with_one
    gram[np.diag_indices_from(gram)] += penalty
    solved: Array = np.linalg.solve(gram, targets if wide else with_one.T @ targets)
    return asked @ (with_one.T @ solved) if wide else asked @ solved
