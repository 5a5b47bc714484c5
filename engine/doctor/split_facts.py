"""Differences of the held-out samples from the training samples: in their columns, in the shares of their classes."""

import math

import msgspec
import numpy as np

from engine.arrays import Array
from engine.data import Data, Split
from engine.doctor.column_facts import is_sparse

SAMPLED = 5_000
"""Samples of a part whose columns are compared, at most."""
PICTURES = 1_000
"""The same of pictures, of which only the mean brightness is compared."""
FEWEST = 20
"""Samples of a part that is judged."""
SURE = 6.0
"""Standard errors that a difference must exceed: with hundreds of columns one exceeds 4 by chance."""
SHIFT = 0.75
"""Difference of the means of a column, in standard deviations of the training samples."""
STRETCH = 2.5
"""Ratio of the standard deviations of a column."""
APART = 0.2
"""Difference of the class shares: half the sum of the absolute differences, 0 to 1."""


class ColumnShift(msgspec.Struct, frozen=True):
    """The column in which a held-out part differs most."""

    part: str
    """validation or test."""
    column: int | None
    """None: all pixels of pictures."""
    scaled_shift: float
    """Difference of the means in standard deviations of the training samples."""
    mean: float
    """In the units of the file, like the next three."""
    train_mean: float
    deviation: float
    train_deviation: float


class ClassShift(msgspec.Struct, frozen=True):
    """Different shares of the classes in a held-out part."""

    part: str
    apart: float
    """Half the sum of the absolute differences of the shares, 0 to 1."""
    name: str
    """The class whose share differs most."""
    share: float
    train_share: float


class SplitFacts(msgspec.Struct, frozen=True):
    """Differences between the training samples and held-out ones that chance does not explain."""

    column: ColumnShift | None = None
    classes: ClassShift | None = None


def split_facts(data: Data) -> SplitFacts:
    """Return the largest differences of the validation and test samples; of a gate, whose splits are equal, none."""
    parts = [("validation", data.validation), ("test", data.test)]
    parts = [(name, part) for name, part in parts if len(part) >= FEWEST]
    if data.info.kind == "gate" or len(data.train) < FEWEST or not parts:
        return SplitFacts()
    columns = [shift for name, part in parts if (shift := _column_shift(name, part, data)) is not None]
    classes = [other for name, part in parts if (other := _class_shift(name, part, data)) is not None]
    return SplitFacts(
        max(
            columns,
            key=lambda shift: shift.scaled_shift,
            default=None,
        ),
        max(classes, key=lambda shift: shift.apart, default=None),
    )


def _column_shift(name: str, part: Split, data: Data) -> ColumnShift | None:
    """Return the column whose mean or deviation differs most from the training samples'."""
    pixels = data.info.kind == "images"
    train, held = _columns(data.train, pixels), _columns(part, pixels)
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    held_mean, held_deviation = held.mean(axis=0), held.std(axis=0)
    changing = (deviation > 0) & ~(is_sparse(train) & is_sparse(held))
    width = np.where(deviation > 0, deviation, 1.0)
    shift = np.abs(held_mean - mean) / width  # (n_features,)
    error = np.sqrt(1 / len(train) + np.square(held_deviation / width) / len(held))
    stretch = np.maximum(held_deviation, 1e-30) / width
    log_stretch = np.abs(np.log(stretch))
    # the error of ln s is 1/√(2m) for normal samples; columns with heavy tails have a larger one
    sure = log_stretch > SURE * np.sqrt(
        (_kurtosis(train, mean, width) - 1) / 4 * (1 / len(train) + 1 / len(held))
    )
    far = changing & (
        ((shift > SHIFT) & (shift > SURE * error))
        | ((log_stretch > math.log(STRETCH)) & sure & (held_deviation > 0))
    )
    if not far.any():
        return None
    column = int(np.where(far, shift + log_stretch, -1).argmax())
    return ColumnShift(
        name,
        None if pixels else column,
        float(shift[column]),
        *_in_file_units(
            held_mean[column], mean[column], held_deviation[column], deviation[column], data, column
        ),
    )


def _in_file_units(
    mean: float, train_mean: float, deviation: float, train_deviation: float, data: Data, column: int
) -> tuple[float, float, float, float]:
    """Return two means and two deviations of a scaled column in the units of the file."""
    offset, factor = (
        float(figures.reshape(-1)[column if figures.size > 1 else 0])
        for figures in (data.scaler.offset, data.scaler.factor)
    )
    return (
        float(mean) / factor + offset,
        float(train_mean) / factor + offset,
        float(deviation) / factor,
        float(train_deviation) / factor,
    )


def _columns(part: Split, pixels: bool) -> Array:
    """Return samples as (m, n_features); those of pictures as the mean of each, (m, 1)."""
    rows = part.spread(PICTURES if pixels else SAMPLED).astype(np.float64)
    return rows.mean(axis=1, keepdims=True) if pixels else rows


def _kurtosis(rows: Array, mean: Array, width: Array) -> Array:
    """Return the fourth moment of each column over the square of its variance, at least 3."""
    kurtosis: Array = np.maximum(3.0, (((rows - mean) / width) ** 4).mean(axis=0))
    return kurtosis


def _class_shift(name: str, part: Split, data: Data) -> ClassShift | None:
    """Return how the shares of the classes differ, by the class that differs most."""
    if not data.class_names:
        return None
    counts = [np.bincount(split.y, minlength=len(data.class_names)) for split in (data.train, part)]
    train, held = (count / count.sum() for count in counts)
    apart = float(np.abs(held - train).sum() / 2)
    # the expected difference of two random parts: each share has the error √(p(1 − p)/m)
    pooled = sum(counts) / sum(count.sum() for count in counts)
    error = np.sqrt(pooled * (1 - pooled) * sum(1 / count.sum() for count in counts))
    chance = float(error.sum() * math.sqrt(2 / math.pi) / 2)
    worst = int(np.abs(held - train).argmax())
    if apart <= APART or apart <= SURE / 2 * chance or abs(held - train)[worst] <= SURE / 1.5 * error[worst]:
        return None
    return ClassShift(name, apart, data.class_names[worst], float(held[worst]), float(train[worst]))
