"""The protocol of datasets, and the samples that they return: unscaled, without a validation split."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from engine.arrays import AnyArray, Array
from engine.data.info import DatasetInfo
from engine.data.spec import DataSpec, Scale
from engine.errors import DataError

TEST_SHARE = 0.2
"""Share of the samples in the test set if the source has none."""


@dataclass(frozen=True)
class Samples:
    """Inputs with their targets."""

    x: AnyArray
    """(n, *input_shape), uint8 for images, else float32 or float64."""
    y: AnyArray
    """int64 class indices (n,), or floating-point values (n, k)."""

    def __len__(self) -> int:
        return len(self.x)

    @property
    def rows(self) -> AnyArray:
        """`x` with each sample flattened, (n, n_features); a view."""
        return self.x.reshape(len(self.x), math.prod(self.x.shape[1:]))

    def at(self, indices: AnyArray) -> "Samples":
        """Return a copy of the samples at `indices`."""
        return Samples(self.x[indices], self.y[indices])


@dataclass(frozen=True)
class Parts:
    """A dataset as read: its description, training samples and test samples."""

    info: DatasetInfo
    train: Samples
    test: Samples


class Dataset(Protocol):
    """A source of data."""

    def describe(self, spec: DataSpec) -> DatasetInfo:
        """Return the description, without reading the inputs.

        Raises:
            DataError: the data is missing or unreadable, or incompatible with the requested task.
        """
        ...

    def read(self, spec: DataSpec) -> Parts:
        """Return the samples.

        Raises:
            DataError: as `describe`, or the samples are unusable.
        """
        ...

    def auto_scale(self, info: DatasetInfo) -> Scale:
        """Return the scaling for `scale = "auto"`."""
        ...


def to_float32(values: AnyArray, name: str) -> Array:
    """Return `values` in float32, same shape.

    Raises:
        DataError: a value overflows; the message names the array `name`.
    """
    with np.errstate(over="ignore"):
        converted = values.astype(np.float32)
    if not np.isfinite(converted).all():
        raise too_large(name)
    return converted


def too_large(name: str) -> DataError:
    """Return the error for values of the array `name` that overflow float32."""
    hint = "check its units, and whether a huge number marks missing values"
    return DataError(f"{name} contains values too large to compute with", hint)


def count_test_samples(n: int) -> int:
    """Return the number of test samples among `n`; at least one sample remains for training."""
    return min(round(n * TEST_SHARE), n - 1)


def labels_of(y: AnyArray) -> AnyArray:
    """Return the classes for stratification, int64 (n,): `y` itself, or zeros for values."""
    return y if y.dtype.kind == "i" else np.zeros(len(y), np.int64)
