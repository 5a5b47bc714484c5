"""Which classes are taken for which: the confusion matrix, and the pairs that are confused most."""

import msgspec
import numpy as np

from engine.arrays import AnyArray
from engine.inspection.messages import Answer
from engine.inspection.snapshot import NetworkSnapshot
from engine.inspection.view import InspectionView, Options
from engine.training.predictions import NO_CLASS

MOST_CLASSES = 100
"""Beyond, the matrix fits no screen, and the pairs must do."""
MOST_PAIRS = 50


class ConfusionOptions(Options, frozen=True):
    """Nothing more to choose."""


class ConfusedPair(msgspec.Struct, frozen=True):
    """Samples of one class that were taken for another."""

    truth: int
    predicted: int
    count: int
    share: float
    """Of the samples of the true class."""


class Confusion(Answer, frozen=True, tag="confusion"):
    """How often each class is taken for each."""

    split: str
    names: tuple[str, ...]
    matrix: tuple[tuple[int, ...], ...] | None
    """Samples, a row a true class, a column a predicted one; None where there are too many classes."""
    support: tuple[int, ...]
    """Samples of each class; with a matrix its row sums, and the samples without a prediction."""
    pairs: tuple[ConfusedPair, ...]
    """What is confused, most often first."""
    wrong: int
    broken: int
    """Samples for which the network computes NaN; they stand in no column."""
    note: str = ""
    """What cannot be shown, and why."""


def confusion(look: NetworkSnapshot, options: ConfusionOptions) -> Confusion:
    """Return the confusion matrix of a split."""
    judged = look.classified(options.split)
    names, n = look.class_names, len(look.class_names)
    truth, predicted = judged.truth.astype(np.int64), judged.predicted
    seen = predicted != NO_CLASS
    support = np.bincount(truth, minlength=n)
    matrix, note = None, ""
    if n <= MOST_CLASSES:
        counts = np.bincount(truth[seen] * n + predicted[seen], minlength=n * n).reshape(n, n)
        matrix = tuple(map(tuple, counts.tolist()))
    else:
        note = f"a map of {n:,} × {n:,} classes fits no screen: these are the pairs that are confused most"
    return Confusion(
        split=look.split_name(options.split),
        names=names,
        matrix=matrix,
        support=tuple(support.tolist()),
        pairs=_pairs(truth[seen], predicted[seen], support),
        wrong=int(np.count_nonzero(predicted != truth)),
        broken=judged.broken,
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
