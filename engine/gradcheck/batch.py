"""Stratified selection of the few samples that a gradient check uses."""

import numpy as np

from engine.arrays import AnyArray, Array, Labels
from engine.data import Split
from engine.errors import DataError


def pick_batch(split: Split, samples: int, rng: np.random.Generator) -> tuple[Array, AnyArray]:
    """Return float64 rows x (m, n_features) and y for at most `samples` samples, cycling through the classes.

    Raises:
        DataError: the split is empty.
    """
    if not len(split):
        raise DataError("there are no training samples to check gradients on", "raise data.limit")
    chosen = _in_turn(split.y, rng)[:samples] if split.y.ndim == 1 else rng.permutation(len(split))[:samples]
    x = np.empty((len(chosen), int(np.prod(split.input_shape))), np.float64)
    split.take(chosen, x)
    return x, split.y[chosen]


def _in_turn(classes: Labels, rng: np.random.Generator) -> Labels:
    """Return all positions in an order that cycles through the classes, random within a class."""
    order = rng.permutation(len(classes))
    turn = np.empty(len(classes), np.int64)
    for label in np.unique(classes):
        of_class = order[classes[order] == label]
        turn[of_class] = np.arange(len(of_class))
    return order[np.argsort(turn[order], kind="stable")]
