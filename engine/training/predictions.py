"""The predictions of a network for every sample of a split: classes with their confidence, or values."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engine.arrays import AnyArray, Array, Labels
from engine.data import Split
from engine.nn.network import ROWS_AT_A_TIME, Network

NO_CLASS = -1
"""Predicted class of a sample for which an output is not finite."""


@dataclass(frozen=True)
class Predictions:
    """Predictions of a network for the m samples of a split."""

    truth: AnyArray
    """Targets: classes (m,), or values (m, k)."""
    predicted: Labels
    """Predicted classes (m,), `NO_CLASS` where an output is not finite; empty for a regression."""
    confidence: Array
    """Share of the predicted class (m,), 0 to 1, see `shares_of`; empty for a regression."""
    values: Array
    """Predicted values (m, k); empty for a classification."""
    loss: float
    """Mean loss over the split; NaN if an output is NaN."""
    broken: int
    """Number of samples with an output that is not finite."""

    @property
    def n_right(self) -> int:
        """Number of samples whose class is predicted correctly."""
        return int(np.count_nonzero(self.predicted == self.truth)) if len(self.predicted) else 0


class ClassCounts(NamedTuple):
    """Number of samples, predictions and correct predictions of each class, (n_classes,) each."""

    samples: Labels
    predicted: Labels
    right: Labels


def blocks(network: Network, split: Split) -> Iterator[tuple[slice, Array]]:
    """Yield a split in blocks of at most `ROWS_AT_A_TIME` samples: their place in it, and their rows.

    Rows are (m, n_features + 1) with ones in the last column, as `Network.scores` takes them; the next block
    overwrites them.
    """
    n = len(split)
    rows = network.empty_rows(min(n, ROWS_AT_A_TIME))
    for start in range(0, n, ROWS_AT_A_TIME):
        stop = min(n, start + ROWS_AT_A_TIME)
        block = rows[: stop - start]
        split.take(np.arange(start, stop), block[:, :-1])
        yield slice(start, stop), block


# outputs that are not finite are counted, not warned of
@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def predict(network: Network, split: Split, classifies: bool) -> Predictions:
    """Return the predictions of `network` for every sample of `split`, computed in blocks of rows."""
    n = len(split)
    predicted = np.empty(n if classifies else 0, np.int64)
    confidence = np.empty(len(predicted), np.float64)
    values = np.empty((0 if classifies else n, network.n_outputs), np.float64)
    loss, broken = 0.0, 0
    for place, rows in blocks(network, split):
        scores = network.scores(rows)
        loss += network.loss.value(scores, network.encode(split.y[place])) * len(rows)
        z = network.last.pre_activation
        is_finite = np.isfinite(z).all(axis=1)
        broken += int(np.count_nonzero(~is_finite))
        if classifies:
            classes = predicted_classes(z)
            predicted[place] = np.where(is_finite, classes, NO_CLASS)
            confidence[place] = shares_of(network, z)[np.arange(len(z)), classes]
        else:
            values[place] = network.last.activation(z)
    return Predictions(split.y, predicted, confidence, values, loss / n, broken)


def predicted_classes(scores: Array, out: Labels | None = None) -> Labels:
    """Return the class of each row of scores (m, k) before the last activation, shape (m,).

    A single score means class 1 where it is positive, else 0.

    Args:
        out: (m,), receives the result; None: a new array.
    """
    if scores.shape[1] == 1:
        if out is None:
            out = np.empty(len(scores), np.int64)
        np.greater(scores[:, 0], 0, out=out, casting="unsafe")
        return out
    return scores.argmax(axis=1, out=out)


@np.errstate(over="ignore", invalid="ignore")
def shares_of(network: Network, z: Array) -> Array:
    """Return the share of each class for the last pre-activations z (m, k): softmax, or sigmoid if k = 1.

    Shape (m, max(2, k)), float64. They equal the outputs where these are probabilities; otherwise they keep the order
    of the classes.
    """
    z = z.astype(np.float64)
    if z.shape[1] == 1:
        yes = 1 / (1 + np.exp(-z))
        return np.concatenate([1 - yes, yes], axis=1)
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    shares: Array = powers / powers.sum(axis=1, keepdims=True)
    return shares


def gives_probabilities(network: Network) -> bool:
    """Return True if the outputs are probabilities that add up to 1."""
    activation = network.last.activation
    return activation.gives_probabilities and activation.is_elementwise == (network.n_outputs == 1)


def count_by_class(truth: Labels, predicted: Labels, n_classes: int) -> ClassCounts:
    """Return the counts of each class; samples without a class (`NO_CLASS`) count as wrong.

    A network with more outputs than there are classes may predict others, which count as wrong too.

    Args:
        truth: (m,), as `predicted`.
    """
    return ClassCounts(
        np.bincount(truth, minlength=n_classes),
        np.bincount(predicted[predicted != NO_CLASS], minlength=n_classes)[:n_classes],
        np.bincount(truth[truth == predicted], minlength=n_classes),
    )
