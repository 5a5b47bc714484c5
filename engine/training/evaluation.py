"""A trained network judged: figures of each split and each class, and what guessing would reach."""

import msgspec
import numpy as np

from engine.arrays import AnyArray, Array, Labels
from engine.data import Data, Split
from engine.nn.network import ROWS_AT_A_TIME, Network


class Figures(msgspec.Struct, frozen=True):
    """Mean loss, and the share of samples classified right; None where there is nothing to measure."""

    loss: float | None = None
    accuracy: float | None = None


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


def predicted_classes(scores: Array, out: Labels | None = None) -> Labels:
    """Return the class of each row of scores (m, k) before the last activation, shape (m,).

    With one output the class is 1 where the score is positive. `out` takes the result where given.
    """
    if scores.shape[1] == 1:
        if out is None:
            out = np.empty(len(scores), np.int64)
        np.greater(scores[:, 0], 0, out=out, casting="unsafe")
        return out
    return scores.argmax(axis=1, out=out)


def evaluate(network: Network, split: Split, labels: bool = True) -> Figures:
    """Return the figures of `network` over a whole split, a block of rows at a time.

    Args:
        labels: whether y holds classes; a regression has no accuracy.
    """
    n = len(split)
    if not n:
        return Figures()
    rows = network.empty_rows(min(n, ROWS_AT_A_TIME))
    total, correct = 0.0, 0
    for start in range(0, n, ROWS_AT_A_TIME):
        indices = np.arange(start, min(n, start + ROWS_AT_A_TIME))
        block = rows[: len(indices)]
        split.take(indices, block[:, :-1])
        y = split.y[indices]
        loss, block_correct = _evaluate_block(network, block, y, labels)
        total += loss * len(indices)
        correct += block_correct
    return Figures(total / n, correct / n if labels else None)


def _evaluate_block(network: Network, rows: Array, y: AnyArray, labels: bool) -> tuple[float, int]:
    scores = network.scores(rows)
    loss = network.loss.value(scores, network.encode(y))
    if not labels:
        return loss, 0
    classes = predicted_classes(network.layers[-1].pre_activation)
    return loss, int(np.count_nonzero(classes == y))
