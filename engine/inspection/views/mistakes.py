"""The view mistakes: misclassified samples, the most confident first."""

import msgspec
import numpy as np

from engine.arrays import AnyArray, Array, Labels
from engine.errors import NntermError
from engine.inspection.messages import Answer, Raster
from engine.inspection.rasters import finite, raster
from engine.inspection.samples import pictures_of
from engine.inspection.snapshot import NetworkSnapshot
from engine.inspection.view import InspectionView, Options
from engine.training.predictions import NO_CLASS, Predictions, gives_probabilities, shares_of
from engine.words import counted

MOST_BARS = 12
"""Probabilities per sample, at most: the largest, and that of the true class."""
MOST_FEATURES = 50
SURE = 0.99


class MistakesOptions(Options, frozen=True):
    """The mistakes to show."""

    truth: int | None = None
    """Only samples of this class."""
    predicted: int | None = None
    """Only samples predicted as this class; equal to `truth`: the correct ones."""
    first: int = 0
    """Number of the most confident mistakes to skip."""
    count: int = 60


class Share(msgspec.Struct, frozen=True):
    """Probability of a class."""

    index: int
    share: float


class Mistake(msgspec.Struct, frozen=True):
    """A misclassified sample."""

    index: int
    """Index in its split, counted from 0."""
    truth: int
    predicted: int
    confidence: float
    """Probability of the predicted class."""
    shares: tuple[Share, ...]
    """The largest probabilities, and that of the true class, largest first."""
    picture: Raster | None = None
    features: tuple[float | None, ...] = ()
    """Features of a sample that is not a picture, in the units of the data."""


class Mistakes(Answer, frozen=True, tag="mistakes"):
    """Mistakes on a split, the most confident first."""

    split: str
    samples: int
    names: tuple[str, ...]
    wrong: int
    """Among all samples."""
    matching: int
    """Mistakes that match the chosen classes."""
    first: int
    shown: tuple[Mistake, ...]
    are_probabilities: bool
    """True: the outputs are probabilities; False: softmax was applied to them."""
    words: str
    n_features: int = 0
    plane: tuple[tuple[float, float], ...] = ()
    """Points of the split to draw beside mistakes in a plane; `plane_classes`: their classes."""
    plane_classes: tuple[int, ...] = ()


def mistakes(snapshot: NetworkSnapshot, options: MistakesOptions) -> Mistakes:
    """Return the most confident mistakes on a split."""
    predictions = snapshot.class_predictions(options.split)
    names = snapshot.class_names
    _check_classes(options, names)
    wrong = predictions.predicted != predictions.truth
    chosen = _chosen(predictions, options)
    order = chosen[np.argsort(-predictions.confidence[chosen], kind="stable")]
    shown = order[max(0, options.first) :][: max(0, options.count)]
    is_plane = snapshot.data.info.n_features == 2
    points, classes = _plane(snapshot, options, predictions) if is_plane else ((), ())
    return Mistakes(
        split=snapshot.split_name(options.split),
        samples=len(predictions.truth),
        names=names,
        wrong=int(np.count_nonzero(wrong)),
        matching=len(chosen),
        first=options.first,
        shown=_describe(snapshot, options, predictions, shown) if len(shown) else (),
        are_probabilities=gives_probabilities(snapshot.network),
        words=_words(predictions, wrong),
        n_features=snapshot.data.info.n_features,
        plane=points,
        plane_classes=classes,
    )


def _check_classes(options: MistakesOptions, names: tuple[str, ...]) -> None:
    for index in (options.truth, options.predicted):
        if index is not None and not 0 <= index < len(names):
            raise NntermError(f"there is no class {index}; they are numbered from 0 to {len(names) - 1}")


def _chosen(predictions: Predictions, options: MistakesOptions) -> Labels:
    """Return the positions of the samples that match the options, in order."""
    right_ones = options.truth is not None and options.truth == options.predicted
    matches = (
        predictions.predicted == predictions.truth
        if right_ones
        else predictions.predicted != predictions.truth
    )
    matches &= predictions.predicted != NO_CLASS
    if options.truth is not None:
        matches &= predictions.truth == options.truth
    if options.predicted is not None:
        matches &= predictions.predicted == options.predicted
    return np.flatnonzero(matches)


def _describe(
    snapshot: NetworkSnapshot, options: MistakesOptions, predictions: Predictions, shown: Labels
) -> tuple[Mistake, ...]:
    network, split = snapshot.network, snapshot.split(options.split)
    rows = snapshot.rows(split, shown)
    network.scores(rows)
    shares = shares_of(network, network.last.pre_activation)
    features = snapshot.unscaled(rows[:, :-1])
    images = pictures_of(snapshot, features)
    return tuple(
        Mistake(
            index=int(index),
            truth=int(predictions.truth[index]),
            predicted=int(predictions.predicted[index]),
            confidence=float(predictions.confidence[index]),
            shares=_bars(shares[i], int(predictions.truth[index])),
            picture=None if images is None else raster(images[i]),
            features=() if images is not None else tuple(map(finite, features[i, :MOST_FEATURES].tolist())),
        )
        for i, index in enumerate(shown.tolist())
    )


def _bars(shares: Array, truth: int) -> tuple[Share, ...]:
    largest = np.argsort(-shares, kind="stable")[:MOST_BARS].tolist()
    if truth not in largest:
        largest[-1] = truth
    return tuple(Share(i, finite(shares[i]) or 0.0) for i in largest)


POINTS = 400


def _plane(
    snapshot: NetworkSnapshot, options: MistakesOptions, predictions: Predictions
) -> tuple[tuple[tuple[float, float], ...], tuple[int, ...]]:
    """Return at most `POINTS` evenly spaced points of the split, and their classes."""
    n = len(predictions.truth)
    some = np.unique(np.linspace(0, n - 1, min(n, POINTS)).astype(np.int64))
    points = snapshot.unscaled(snapshot.rows(snapshot.split(options.split), some)[:, :-1])
    return tuple((x, y) for x, y in points.tolist()), tuple(predictions.truth[some].tolist())


def _words(predictions: Predictions, wrong: AnyArray) -> str:
    n, total = int(np.count_nonzero(wrong)), len(predictions.truth)
    if not n:
        return f"No errors: all {counted(total, 'sample')} are classified correctly."
    sure = int(np.count_nonzero(wrong & (predictions.confidence >= SURE)))
    share, are, many = f"{100 * n / total:.2f} %", "is" if n == 1 else "are", f"{sure:,}" if sure else "none"
    return f"{n:,} of {counted(total, 'sample')} {are} wrong ({share}), {many} of them with confidence above 99 %."


VIEW = InspectionView("mistakes", MistakesOptions, Mistakes, mistakes)
