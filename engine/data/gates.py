"""Logic gates of two inputs as datasets: training, validation and test are the same rows of the truth table."""

import numpy as np

from engine.arrays import AnyArray, Array
from engine.data.generated import Family, generated, jitter
from engine.data.info import Suggestion

GATES: Family = {}

_ONE_LINE = Suggestion((), "tanh", "sgd", 1.0, 0, 300)
_BENT_LINE = Suggestion((4,), "tanh", "sgd", 2.0, 0, 1000)
"""With this learning rate, plain gradient descent escapes the saddle of xor for 99.5 % of the seeds; Adam for 97 %."""
_TRUTH = ("false", "true")


def _truth_table(
    samples: int, noise: float, rng: np.random.Generator, outputs: tuple[int, int, int, int]
) -> tuple[Array, AnyArray]:
    """Return the rows 00, 01, 10, 11 in turn, with independent noise on each input, and their outputs."""
    row = np.arange(samples) % 4
    inputs = np.stack([row // 2, row % 2], axis=1).astype(np.float64)  # (samples, 2)
    return jitter(inputs, noise, rng), np.array(outputs, np.int64)[row]


@generated(
    GATES, title="AND gate", task="binary", kind="gate", samples=4, class_names=_TRUTH, suggestion=_ONE_LINE
)
def and_(samples: int, noise: float, rng: np.random.Generator) -> tuple[Array, AnyArray]:
    """True if both inputs are true. Linearly separable: a perceptron learns it.

    Training, validation and test are the same four rows.
    """
    return _truth_table(samples, noise, rng, (0, 0, 0, 1))


@generated(
    GATES, title="OR gate", task="binary", kind="gate", samples=4, class_names=_TRUTH, suggestion=_ONE_LINE
)
def or_(samples: int, noise: float, rng: np.random.Generator) -> tuple[Array, AnyArray]:
    """True if an input is true. Linearly separable: a perceptron learns it.

    Training, validation and test are the same four rows.
    """
    return _truth_table(samples, noise, rng, (0, 1, 1, 1))


@generated(
    GATES,
    title="XOR gate",
    task="binary",
    kind="gate",
    samples=4,
    class_names=_TRUTH,
    suggestion=_BENT_LINE,
    source="Minsky and Papert 1969, Perceptrons",
)
def xor(samples: int, noise: float, rng: np.random.Generator) -> tuple[Array, AnyArray]:
    """True if the inputs differ. Not linearly separable: needs a hidden layer.

    Training, validation and test are the same four rows.
    """
    return _truth_table(samples, noise, rng, (0, 1, 1, 0))
