"""A small seeded preview of a dataset for the Data screen: some unscaled samples and the class balance."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.arrays import AnyArray, Array, Labels
from engine.data.info import DatasetInfo
from engine.data.registry import find_dataset
from engine.data.samples import Samples, to_float32
from engine.data.spec import DataSpec
from engine.data.stratify import draw

PICTURES = 60
"""Default number of images."""
POINTS = 500
"""Default number of other samples."""
FEATURES = 8
"""Maximum number of features, and of targets, that are summarised."""
BINS = 16
_SUMMARISED = 20_000
_SUMMARISED_IMAGES = 500
"""Maximum number of samples that the summaries are of."""
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True)
class FeatureSummary:
    """The distribution of one input or target over the training samples."""

    name: str
    low: float
    high: float
    mean: float
    shares: tuple[float, ...]
    """Share of the samples in each of `BINS` equal intervals from `low` to `high`."""


@dataclass(frozen=True)
class Preview:
    """Some samples of a dataset, unscaled."""

    info: DatasetInfo
    images: AnyArray | None
    """Greyscale images, uint8 (k, H, W), the classes in turn; None for other kinds of data."""
    points: Array | None
    """float32 samples (k, n_features), sorted by x for a curve; None for images."""
    y: AnyArray
    """int64 classes (k,) or float32 values (k, n_targets) of the images or points."""
    class_counts: Labels
    """Training samples in each class, (n_classes,); empty for a regression."""
    features: tuple[FeatureSummary, ...] = ()
    """All pixels of images as one, or the first features of rows; then the targets of a regression."""
    baseline: float | None = None
    """Accuracy of always predicting the largest class; for a regression, the MSE of always predicting the mean."""


def preview(spec: DataSpec, count: int = 0) -> Preview:
    """Return at most `count` training samples (0: as many as fit a screen) of all classes in turn.

    Raises:
        DataError: the dataset is unknown, missing, unreadable or unusable, or incompatible with the requested task.
    """
    parts = find_dataset(spec).read(spec)
    info, train = parts.info, parts.train
    wanted = count or (PICTURES if info.kind == "images" else POINTS)
    rng = np.random.default_rng(spec.seed)
    chosen = train.at(_choose(train, wanted, bool(info.class_names), rng))
    counts = (
        np.bincount(train.y, minlength=len(info.class_names)) if info.class_names else np.zeros(0, np.int64)
    )
    features, baseline = tuple(_features(train, info, rng)), _baseline(train, counts)
    if info.kind == "images":
        return Preview(info, _grey(chosen.x), None, _shown(chosen.y), counts, features, baseline)
    points = to_float32(chosen.rows, "x")
    if info.kind == "curve":
        order = points[:, 0].argsort(kind="stable")
        points, chosen = points[order], chosen.at(order)
    return Preview(info, None, points, _shown(chosen.y), counts, features, baseline)


def _baseline(train: Samples, counts: Labels) -> float:
    """Return the accuracy of the largest class, or the variance of the targets."""
    return (
        float(counts.max() / counts.sum())
        if len(counts)
        else float(to_float32(train.y, "y").var(axis=0).mean())
    )


def _features(train: Samples, info: DatasetInfo, rng: np.random.Generator) -> Iterator[FeatureSummary]:
    most = _SUMMARISED_IMAGES if info.kind == "images" else _SUMMARISED
    rows = train.rows[np.sort(rng.permutation(len(train))[:most])]
    if info.kind == "images":
        yield _summary("pixel", rows)
    else:
        for i in range(min(info.n_features, FEATURES)):
            name = "x" if info.n_features == 1 else f"x{str(i + 1).translate(_SUBSCRIPTS)}"
            yield _summary(name, rows[:, i])
    if not info.class_names:
        y = train.y.reshape(len(train), -1)
        for i in range(min(y.shape[1], FEATURES)):
            yield _summary("y" if y.shape[1] == 1 else f"y{str(i + 1).translate(_SUBSCRIPTS)}", y[:, i])


def _summary(name: str, values: AnyArray) -> FeatureSummary:
    low, high = float(values.min()), float(values.max())
    counts, _ = np.histogram(values, BINS, (low, high) if high > low else (low - 0.5, low + 0.5))
    shares = counts / max(1, counts.sum())
    return FeatureSummary(name, low, high, float(values.mean(dtype=np.float64)), tuple(shares.tolist()))


def _choose(train: Samples, wanted: int, classes: bool, rng: np.random.Generator) -> AnyArray:
    """Return positions (k,): equally many of each class, in turn; random ones for a regression."""
    if not classes:
        return draw(np.zeros(len(train), np.int64), min(wanted, len(train)), rng)[0]
    order = rng.permutation(len(train))
    order = order[np.argsort(train.y[order], kind="stable")]  # by class, shuffled within each
    counts = np.bincount(train.y)
    place_in_class = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
    in_turn = np.argsort(place_in_class, kind="stable")
    return order[in_turn[:wanted]]


def _grey(x: AnyArray) -> AnyArray:
    """Return images (k, C, H, W) as uint8 (k, H, W): the mean over channels, with floats scaled to 0..255."""
    if x.dtype == np.uint8:
        return x[:, 0] if x.shape[1] == 1 else x.mean(axis=1).astype(np.uint8)
    values = x.mean(axis=1, dtype=np.float64)
    low, high = values.min(), values.max()
    scaled: AnyArray = (values - low) * (255 / (high - low) if high > low else 0)
    return scaled.astype(np.uint8)


def _shown(y: AnyArray) -> AnyArray:
    return y if y.dtype.kind == "i" else to_float32(y, "y")
