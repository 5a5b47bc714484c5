"""A small seeded preview of a dataset for the Data screen: some unscaled samples and the class balance."""

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
    if info.kind == "images":
        return Preview(info, _grey(chosen.x), None, _shown(chosen.y), counts)
    points = to_float32(chosen.rows, "x")
    if info.kind == "curve":
        order = points[:, 0].argsort(kind="stable")
        points, chosen = points[order], chosen.at(order)
    return Preview(info, None, points, _shown(chosen.y), counts)


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
