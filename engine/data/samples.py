"""What every source of data delivers: samples as they come, unscaled and not yet split."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from engine.arrays import AnyArray, Array
from engine.data.info import DatasetInfo
from engine.data.spec import DataSpec, Scale
from engine.errors import DataError

TEST_SHARE = 0.2
"""Share of the samples that is kept for the test where a source has no test split of its own."""


@dataclass(frozen=True)
class Samples:
    """Samples in a row, and what belongs to each.

    x: (n, *input_shape), uint8 for pictures, else floating; y: int64 class indices (n,), or float targets (n,
        k).
    """

    x: AnyArray
    y: AnyArray

    def __len__(self) -> int:
        return len(self.x)

    @property
    def rows(self) -> AnyArray:
        """x with each sample flattened, (n, n_features); a view."""
        return self.x.reshape(len(self.x), math.prod(self.x.shape[1:]))

    def at(self, indices: AnyArray) -> "Samples":
        """Return a copy of the samples at `indices`."""
        return Samples(self.x[indices], self.y[indices])


@dataclass(frozen=True)
class Parts:
    """A dataset as read: its description, its training split and its test split."""

    info: DatasetInfo
    train: Samples
    test: Samples


class Dataset(Protocol):
    """A source of data. `describe` is cheap; `read` does the work."""

    def describe(self, spec: DataSpec) -> DatasetInfo:
        """Return what is known without reading the samples.

        Raises:
            DataError: it is missing or unreadable, or does not fit the task that `spec` asks for.
        """
        ...

    def read(self, spec: DataSpec) -> Parts:
        """Return the samples. Raises DataError as `describe`, and where their content is unusable."""
        ...

    def auto_scale(self, info: DatasetInfo) -> Scale:
        """Return the scaling that `scale = "auto"` stands for."""
        ...


def to_float32(values: AnyArray, name: str) -> Array:
    """Return `values` in float32.

    Raises:
        DataError: one of them is too large for it; `name` says whose.
    """
    with np.errstate(over="ignore"):
        converted = values.astype(np.float32)
    if not np.isfinite(converted).all():
        raise too_large(name)
    return converted


def too_large(name: str) -> DataError:
    """Return the error for values that arithmetic in float32 cannot hold."""
    hint = "check its units, and whether a huge number stands for a missing one"
    return DataError(f"{name} holds values too large to compute with", hint)


def count_test_samples(n: int) -> int:
    """Return how many of `n` samples are kept for the test; at least one stays for training."""
    return min(round(n * TEST_SHARE), n - 1)


def labels_of(y: AnyArray) -> AnyArray:
    """Return the classes to stratify by, (n,): `y` itself, or one class for all where y holds values."""
    return y if y.dtype.kind == "i" else np.zeros(len(y), np.int64)
