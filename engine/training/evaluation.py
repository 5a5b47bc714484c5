"""Evaluation of a trained network: loss and accuracy of each split, precision and recall of each class."""

import msgspec
import numpy as np

from engine.arrays import Labels
from engine.data import Data, Split
from engine.nn.network import Network
from engine.training.network_check import refuse_other_data
from engine.training.predictions import blocks, count_by_class, predicted_classes


class Figures(msgspec.Struct, frozen=True):
    """Mean loss and share of correct predictions; None: no samples, or (accuracy) a regression."""

    loss: float | None = None
    accuracy: float | None = None


class ClassFigures(msgspec.Struct, frozen=True):
    """Figures of one class; shares from 0 to 1, None for 0 of 0."""

    name: str
    samples: int
    accuracy: float | None
    """Recall: the share of the class's samples that are predicted correctly."""
    precision: float | None
    """Share of correct predictions among those of this class."""


class Evaluation(msgspec.Struct, frozen=True):
    """The figures of a network over the splits of its data."""

    train: Figures
    validation: Figures
    test: Figures
    judged: str
    """Name of the split that `classes` and `chance` refer to: test, or train if there is no test split."""
    chance: float | None
    """Accuracy of always predicting the most frequent class; None for a regression."""
    classes: tuple[ClassFigures, ...]


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # a loss that is not finite is an answer
def evaluate_network(network: Network, data: Data) -> Evaluation:
    """Return the figures of `network` over every split of `data`.

    Raises:
        DataError: the data do not fit the network.
    """
    refuse_other_data(network, data)
    labels = data.task != "regression"
    judged = "test" if len(data.test) else "train"
    split: Split = getattr(data, judged)
    predicted = np.empty(len(split), np.int64)

    def figures(part: Split) -> Figures:
        return evaluate(network, part, labels, predicted if part is split else None)

    train, validation, test = figures(data.train), figures(data.validation), figures(data.test)
    counts = count_by_class(split.y, predicted, len(data.class_names)) if labels else None
    return Evaluation(
        train=train,
        validation=validation,
        test=test,
        judged=judged,
        chance=None if counts is None else int(counts.samples.max()) / len(split),
        classes=() if counts is None else tuple(map(_class_figures, data.class_names, *counts)),
    )


def _class_figures(name: str, samples: int, predicted: int, right: int) -> ClassFigures:
    return ClassFigures(name, int(samples), _share(right, samples), _share(right, predicted))


def _share(part: int, whole: int) -> float | None:
    return float(part / whole) if whole else None


def evaluate(network: Network, split: Split, labels: bool = True, predicted: Labels | None = None) -> Figures:
    """Return the figures of `network` over a whole split, computed in blocks of rows.

    Args:
        labels: True if y holds classes; a regression has no accuracy.
        predicted: (m,), receives the predicted class of each sample if given.
    """
    n = len(split)
    if not n:
        return Figures()
    total, correct = 0.0, 0
    for place, rows in blocks(network, split):
        scores, y = network.scores(rows), split.y[place]
        total += network.loss.value(scores, network.encode(y)) * len(rows)
        if labels:
            out = None if predicted is None else predicted[place]
            correct += int(np.count_nonzero(predicted_classes(network.last.pre_activation, out) == y))
    return Figures(total / n, correct / n if labels else None)
