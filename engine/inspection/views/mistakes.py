"""The samples that are classified wrong, those first of which the network is surest."""

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

MOST_BARS = 12
"""Probabilities of a sample that are told: the largest, and that of its true class."""
MOST_FEATURES = 50
SURE = 0.99


class MistakesOptions(Options, frozen=True):
    """Which mistakes are shown."""

    truth: int | None = None
    """Those of one class alone."""
    predicted: int | None = None
    """Those taken for one class alone; the class of `truth` itself asks for the samples that are right."""
    first: int = 0
    """How many of the surest are passed over."""
    count: int = 60


class Share(msgspec.Struct, frozen=True):
    """What the network gives to a class."""

    index: int
    share: float


class Mistake(msgspec.Struct, frozen=True):
    """A sample that was taken for something else."""

    index: int
    """In its split, counted from 0."""
    truth: int
    predicted: int
    confidence: float
    """What the network gives the class that it predicts."""
    shares: tuple[Share, ...]
    """The largest shares, and that of the true class, largest first."""
    picture: Raster | None = None
    features: tuple[float | None, ...] = ()
    """Of other samples, in the units of the data."""


class Mistakes(Answer, frozen=True, tag="mistakes"):
    """Mistakes of a split, the surest first."""

    split: str
    samples: int
    names: tuple[str, ...]
    wrong: int
    """Of all samples."""
    matching: int
    """Of those, how many the choice of classes leaves."""
    first: int
    shown: tuple[Mistake, ...]
    are_probabilities: bool
    """Whether the outputs are probabilities, or softmax stands in."""
    words: str
    n_features: int = 0
    plane: tuple[tuple[float, float], ...] = ()
    """Some points of the split beside which mistakes in a plane are shown, and in `plane_classes` their classes."""
    plane_classes: tuple[int, ...] = ()


def mistakes(look: NetworkSnapshot, options: MistakesOptions) -> Mistakes:
    """Return the surest mistakes of a split."""
    judged = look.classified(options.split)
    names = look.class_names
    _check_classes(options, names)
    wrong = judged.predicted != judged.truth
    chosen = _chosen(judged, options)
    order = chosen[np.argsort(-judged.confidence[chosen], kind="stable")]
    shown = order[max(0, options.first) :][: max(0, options.count)]
    is_plane = look.data.info.n_features == 2
    points, classes = _plane(look, options, judged) if is_plane else ((), ())
    return Mistakes(
        split=look.split_name(options.split),
        samples=len(judged.truth),
        names=names,
        wrong=int(np.count_nonzero(wrong)),
        matching=len(chosen),
        first=options.first,
        shown=_describe(look, options, judged, shown) if len(shown) else (),
        are_probabilities=gives_probabilities(look.network),
        words=_words(judged, wrong),
        n_features=look.data.info.n_features,
        plane=points,
        plane_classes=classes,
    )


def _check_classes(options: MistakesOptions, names: tuple[str, ...]) -> None:
    for index in (options.truth, options.predicted):
        if index is not None and not 0 <= index < len(names):
            raise NntermError(f"there is no class {index}; they are numbered from 0 to {len(names) - 1}")


def _chosen(judged: Predictions, options: MistakesOptions) -> Labels:
    """Positions of the samples that the choice leaves, in order."""
    right_ones = options.truth is not None and options.truth == options.predicted
    kept = judged.predicted == judged.truth if right_ones else judged.predicted != judged.truth
    kept &= judged.predicted != NO_CLASS
    if options.truth is not None:
        kept &= judged.truth == options.truth
    if options.predicted is not None:
        kept &= judged.predicted == options.predicted
    return np.flatnonzero(kept)


def _describe(
    look: NetworkSnapshot, options: MistakesOptions, judged: Predictions, shown: Labels
) -> tuple[Mistake, ...]:
    network, split = look.network, look.split(options.split)
    rows = look.rows(split, shown)
    network.scores(rows)
    shares = shares_of(network, network.last.pre_activation)
    features = look.unscaled(rows[:, :-1])
    images = pictures_of(look, features)
    return tuple(
        Mistake(
            index=int(index),
            truth=int(judged.truth[index]),
            predicted=int(judged.predicted[index]),
            confidence=float(judged.confidence[index]),
            shares=_bars(shares[i], int(judged.truth[index])),
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
    look: NetworkSnapshot, options: MistakesOptions, judged: Predictions
) -> tuple[tuple[tuple[float, float], ...], tuple[int, ...]]:
    """Return at most `POINTS` points of the split, evenly taken, and their classes."""
    n = len(judged.truth)
    some = np.unique(np.linspace(0, n - 1, min(n, POINTS)).astype(np.int64))
    points = look.unscaled(look.rows(look.split(options.split), some)[:, :-1])
    return tuple((x, y) for x, y in points.tolist()), tuple(judged.truth[some].tolist())


def _words(judged: Predictions, wrong: AnyArray) -> str:
    n, total = int(np.count_nonzero(wrong)), len(judged.truth)
    if not n:
        return f"All {total:,} samples are classified right: there is no mistake to show."
    sure = int(np.count_nonzero(wrong & (judged.confidence >= SURE)))
    share, are, many = f"{100 * n / total:.2f} %", "is" if n == 1 else "are", f"{sure:,}" if sure else "none"
    return f"{n:,} of {total:,} samples {are} wrong ({share}), {many} of them over 99 % sure."


VIEW = InspectionView("mistakes", MistakesOptions, Mistakes, mistakes)
