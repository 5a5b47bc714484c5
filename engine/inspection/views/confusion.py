"""The view confusion: the confusion matrix, and the pairs of classes that are confused most."""

import msgspec
import numpy as np

from engine.arrays import AnyArray
from engine.inspection.messages import Answer
from engine.inspection.snapshot import NetworkSnapshot
from engine.inspection.view import InspectionView, Options
from engine.training.predictions import NO_CLASS
from engine.words import counted

MOST_CLASSES = 100
"""Classes of a matrix at most; of more, only pairs are returned."""
MOST_PAIRS = 50


class ConfusionOptions(Options, frozen=True):
    """No further options."""


class ConfusedPair(msgspec.Struct, frozen=True):
    """Samples of one class that were predicted as another."""

    truth: int
    predicted: int
    count: int
    share: float
    """Share of the samples of the true class."""


class Confusion(Answer, frozen=True, tag="confusion"):
    """Counts of each predicted class for each true class."""

    split: str
    names: tuple[str, ...]
    matrix: tuple[tuple[int, ...], ...] | None
    """Samples, one row per true class, one column per predicted class; None for too many classes."""
    support: tuple[int, ...]
    """Samples of each class: the row sums of a matrix, plus the samples without a prediction."""
    pairs: tuple[ConfusedPair, ...]
    """Confused pairs, most frequent first."""
    wrong: int
    broken: int
    """Samples with NaN outputs; they are in no column."""
    note: str = ""
    """Reason why there is no matrix, "" if there is one."""


def confusion(snapshot: NetworkSnapshot, options: ConfusionOptions) -> Confusion:
    """Return the confusion matrix of a split."""
    predictions = snapshot.class_predictions(options.split)
    names, n = snapshot.class_names, len(snapshot.class_names)
    truth, predicted = predictions.truth.astype(np.int64), predictions.predicted
    seen = predicted != NO_CLASS
    support = np.bincount(truth, minlength=n)
    matrix, note = None, ""
    if n <= MOST_CLASSES:
        counts = np.bincount(truth[seen] * n + predicted[seen], minlength=n * n).reshape(n, n)
        matrix = tuple(map(tuple, counts.tolist()))
    else:
        note = f"{n:,} × {counted(n, 'class', 'classes')} are too many for a matrix: the most confused pairs"
    return Confusion(
        split=snapshot.split_name(options.split),
        names=names,
        matrix=matrix,
        support=tuple(support.tolist()),
        pairs=_pairs(truth[seen], predicted[seen], support),
        wrong=int(np.count_nonzero(predicted != truth)),
        broken=predictions.broken,
        note=note,
    )


def _pairs(truth: AnyArray, predicted: AnyArray, support: AnyArray) -> tuple[ConfusedPair, ...]:
    wrong = truth != predicted
    found, counts = np.unique(np.stack([truth[wrong], predicted[wrong]], axis=1), axis=0, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:MOST_PAIRS]
    return tuple(
        ConfusedPair(
            int(found[i, 0]), int(found[i, 1]), int(counts[i]), float(counts[i] / support[found[i, 0]])
        )
        for i in order.tolist()
    )


VIEW = InspectionView("confusion", ConfusionOptions, Confusion, confusion)
