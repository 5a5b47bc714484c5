"""A trained network judged: figures of each split and each class, and what guessing would reach."""

import msgspec
import numpy as np

from engine.arrays import Labels
from engine.data import Data, Split
from engine.metrics import Figures, evaluate, predicted_classes
from engine.numpy_network import ROWS_AT_A_TIME, Network


class ClassFigures(msgspec.Struct, frozen=True):
    """How one class fares in the split that is judged; shares from 0 to 1, None for 0 of 0."""

    name: str
    samples: int
    accuracy: float | None
    """Share of the class's samples that were recognised (recall)."""
    precision: float | None
    """Share of the network's guesses at this class that were right."""


class Evaluation(msgspec.Struct, frozen=True):
    """The figures of a network over the splits of its data."""

    train: Figures
    validation: Figures
    test: Figures
    judged: str
    """The split that `classes` and `chance` look at: test, or the training split where there is no other."""
    chance: float | None
    """Accuracy of always guessing the most frequent class; None for a regression."""
    classes: tuple[ClassFigures, ...]


def evaluate_network(network: Network, data: Data) -> Evaluation:
    """Return the figures of `network` over every split of `data`.

    Raises:
        DataError: the data do not fit the network.
    """
    labels = data.task != "regression"
    judged = "test" if len(data.test) else "train"
    split = data.test if judged == "test" else data.train
    classes: tuple[ClassFigures, ...] = ()
    chance = None
    if labels:
        truth, guesses = split.y, predict_classes(network, split)
        classes = _by_class(truth, guesses, data.class_names)
        chance = max(figures.samples for figures in classes) / len(truth)
    return Evaluation(
        train=evaluate(network, data.train, labels),
        validation=evaluate(network, data.validation, labels),
        test=evaluate(network, data.test, labels),
        judged=judged,
        chance=chance,
        classes=classes,
    )


def predict_classes(network: Network, split: Split) -> Labels:
    """Return the network's guess for every sample of a split, (m,), a block of rows at a time."""
    n = len(split)
    guesses = np.empty(n, np.int64)
    rows = np.empty((min(n, ROWS_AT_A_TIME), network.n_features), network.dtype)
    for start in range(0, n, ROWS_AT_A_TIME):
        indices = np.arange(start, min(n, start + ROWS_AT_A_TIME))
        block = rows[: len(indices)]
        split.take(indices, block)
        predicted_classes(network.logits(block), guesses[start : start + len(indices)])
    return guesses


def _by_class(truth: Labels, guesses: Labels, names: tuple[str, ...]) -> tuple[ClassFigures, ...]:
    n_classes = len(names)
    samples = np.bincount(truth, minlength=n_classes)
    guessed = np.bincount(guesses, minlength=n_classes)
    right = np.bincount(truth[truth == guesses], minlength=n_classes)
    return tuple(
        ClassFigures(names[i], int(samples[i]), _share(right[i], samples[i]), _share(right[i], guessed[i]))
        for i in range(n_classes)
    )


def _share(part: int, whole: int) -> float | None:
    return float(part / whole) if whole else None
