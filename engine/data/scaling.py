"""Scaling of inputs: fitted on the training set, applied to all sets."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from engine.arrays import AnyArray, Array
from engine.data.samples import too_large
from engine.data.spec import Scale

ROWS_AT_A_TIME = 2048
"""Number of rows converted to float64 at once, which bounds the memory for fitting and scaling."""


@dataclass(frozen=True)
class Scaler:
    """The affine map x -> (x - offset) * factor.

    `offset` and `factor` are float64, shape () for images (the same for all pixels) or (n_features,) for a table.
    """

    kind: Scale
    offset: Array
    factor: Array

    @cached_property
    def _operands(self) -> tuple[float | Array | None, float | Array]:
        """Offset (None if it is 0) and factor, as Python floats if they are single numbers, which saves a conversion."""
        offset = self.offset.item() if self.offset.size == 1 else self.offset
        factor = self.factor.item() if self.factor.size == 1 else self.factor
        return (offset if self.offset.any() else None), factor

    @classmethod
    def fit(
        cls, kind: Scale, rows: AnyArray, indices: AnyArray | None = None, *, pixels: bool = False
    ) -> Self:
        """Return the scaler of this kind for the rows at `indices`.

        unit maps the minimum to 0 and the maximum to 1 (uint8 pixels: always 0 and 255); standard gives mean 0 and
        standard deviation 1; none changes nothing. A constant feature is mapped to 0.

        Args:
            kind: none, unit or standard.
            rows: (n, n_features), uint8 or floating-point.
            indices: (m,) positions in `rows`; None: all.
            pixels: True if all features share one range, as the pixels of an image.

        Raises:
            DataError: the values overflow.
        """
        if kind == "none":
            return cls(kind, np.zeros(()), np.ones(()))
        if kind == "unit" and pixels and rows.dtype == np.uint8:
            return cls(kind, np.zeros(()), np.full((), 1 / 255))
        with np.errstate(over="ignore", invalid="ignore"):
            fit = _fit_range if kind == "unit" else _fit_deviation
            offset, width = fit(rows, indices, pixels)
        if not (np.isfinite(offset).all() and np.isfinite(width).all()):
            raise too_large("x")
        constant = width <= np.maximum(1e-14 * np.abs(offset), 1e-300)
        factor = np.where(constant, 0.0, 1 / np.where(constant, 1.0, width))
        return cls(kind, offset, factor)

    def apply(self, rows: AnyArray, out: Array) -> None:
        """Write the scaled `rows`, (m, n_features), into `out`, same shape, float32 or float64.

        uint8 is converted before the multiplication, which takes half the time of a product of mixed types. For other
        types the offset is subtracted in float64, so that small differences at a large offset are not lost.

        Raises:
            DataError: a scaled value overflows the dtype of `out`.
        """
        if rows.dtype == np.uint8:
            np.copyto(out, rows)
            offset, factor = self._operands
            if offset is not None:
                out -= offset
            out *= factor
            return
        for start in range(0, len(rows), ROWS_AT_A_TIME):
            block = slice(start, start + ROWS_AT_A_TIME)
            with np.errstate(over="ignore"):
                np.copyto(out[block], (rows[block] - self.offset) * self.factor, casting="same_kind")
            if not np.isfinite(out[block]).all():
                raise too_large("x")

    def __call__(self, rows: AnyArray) -> Array:
        """Return the scaled rows in a new float32 array, same shape; errors as in `apply`."""
        out = np.empty(rows.shape, np.float32)
        self.apply(rows, out)
        return out


def _blocks(rows: AnyArray, indices: AnyArray | None, pixels: bool) -> Iterator[Array]:
    """Yield blocks of the rows at `indices` in float64, (m, n_features); pixels as one column, (m * n_features, 1)."""
    n = len(rows) if indices is None else len(indices)
    for start in range(0, n, ROWS_AT_A_TIME):
        block = slice(start, start + ROWS_AT_A_TIME)
        chosen = rows[block] if indices is None else rows[indices[block]]
        yield chosen.astype(np.float64).reshape(-1, 1 if pixels else rows.shape[1])


def _fit_range(rows: AnyArray, indices: AnyArray | None, pixels: bool) -> tuple[Array, Array]:
    """Return minimum and range, each () or (n_features,)."""
    extremes = [(block.min(axis=0), block.max(axis=0)) for block in _blocks(rows, indices, pixels)]
    low = np.min([low for low, _ in extremes], axis=0)
    high = np.max([high for _, high in extremes], axis=0)
    return _shape(low, pixels), _shape(high - low, pixels)


def _fit_deviation(rows: AnyArray, indices: AnyArray | None, pixels: bool) -> tuple[Array, Array]:
    """Return mean and standard deviation, each () or (n_features,); two passes avoid cancellation."""
    sums = [(len(block), block.sum(axis=0)) for block in _blocks(rows, indices, pixels)]
    n = sum(length for length, _ in sums)
    mean = np.sum([total for _, total in sums], axis=0) / n
    squares = [((block - mean) ** 2).sum(axis=0) for block in _blocks(rows, indices, pixels)]
    return _shape(mean, pixels), _shape(np.sqrt(np.sum(squares, axis=0) / n), pixels)


def _shape(values: Array, pixels: bool) -> Array:
    """Return the statistics of pixels, (1,), with shape (); others unchanged."""
    return values.reshape(()) if pixels else values
