"""What a network says of every sample of a split: its class and how sure it is, or its values."""

from dataclasses import dataclass

import numpy as np

from engine.arrays import AnyArray, Array, Labels
from engine.data import Split
from engine.nn.network import ROWS_AT_A_TIME, Network
from engine.training.evaluation import predicted_classes

NO_CLASS = -1
"""The class of a sample for which the network computes NaN."""


@dataclass(frozen=True)
class Predictions:
    """A network's words on a split, sample by sample."""

    truth: AnyArray
    """(m,) classes, or (m, k) values."""
    predicted: Labels
    """(m,), `NO_CLASS` where an output is not a number; empty for a regression."""
    confidence: Array
    """(m,): what it gives the class that it predicts, 0 to 1; empty for a regression."""
    values: Array
    """(m, k) of a regression, empty otherwise."""
    loss: float
    """Mean over the split; NaN where an output is."""
    broken: int
    """Samples for which an output is not finite."""

    @property
    def n_right(self) -> int:
        """Samples whose class is predicted right."""
        return int(np.count_nonzero(self.predicted == self.truth)) if len(self.predicted) else 0


@np.errstate(
    over="ignore", invalid="ignore", divide="ignore"
)  # a network may be broken: that is shown, not warned of
def predict(network: Network, split: Split, classifies: bool) -> Predictions:
    """Return what `network` says of `split`, computed a block of rows at a time."""
    n = len(split)
    rows = network.empty_rows(min(n, ROWS_AT_A_TIME))
    predicted = np.empty(n if classifies else 0, np.int64)
    confidence = np.empty(len(predicted), np.float64)
    values = np.empty((0 if classifies else n, network.n_outputs), np.float64)
    loss, broken = 0.0, 0
    for start in range(0, n, ROWS_AT_A_TIME):
        block = np.arange(start, min(n, start + ROWS_AT_A_TIME))
        x = rows[: len(block)]
        split.take(block, x[:, :-1])
        scores = network.scores(x)
        loss += network.loss.value(scores, network.encode(split.y[block])) * len(block)
        z = network.last.pre_activation
        sound = np.isfinite(z).all(axis=1)
        broken += int(np.count_nonzero(~sound))
        if classifies:
            classes = predicted_classes(z)
            predicted[block] = np.where(sound, classes, NO_CLASS)
            confidence[block] = shares_of(network, z)[np.arange(len(z)), classes]
        else:
            values[block] = network.last.activation(z)
    return Predictions(split.y, predicted, confidence, values, loss / n, broken)


@np.errstate(over="ignore", invalid="ignore")
def shares_of(network: Network, z: Array) -> Array:
    """Return how likely the network holds each class for the last pre-activations z (m, k), (m, max(2, k)).

    These are the outputs where they are probabilities (softmax, one sigmoid); else softmax or sigmoid of z stands in,
    which keeps the order of the classes.
    """
    z = z.astype(np.float64)
    if z.shape[1] == 1:
        yes = 1 / (1 + np.exp(-z))
        return np.concatenate([1 - yes, yes], axis=1)
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    shares: Array = powers / powers.sum(axis=1, keepdims=True)
    return shares


def gives_probabilities(network: Network) -> bool:
    """Whether the outputs are probabilities that add up to 1."""
    activation = network.last.activation
    return activation.gives_probabilities and activation.is_elementwise == (network.n_outputs == 1)
