"""Targets as a loss takes them: one-hot rows of classes, or values; and checks of what the caller passes."""

import math

import numpy as np

from engine.arrays import AnyArray, Array, Labels
from engine.errors import DataError
from engine.words import counted


def encode(y: AnyArray, n_outputs: int, takes_single_value: bool, dtype: "np.dtype[np.floating]") -> Array:
    """Return y as targets, (m, n_outputs).

    Args:
        y: integer classes, (m,), which become one-hot rows (for a single output: 0 or 1); or values, (m, n_outputs),
            or (m,) for a single output.
        takes_single_value: True if the single output is a value, so that whole numbers are values too.

    Raises:
        DataError: y has another number of columns, a class without an output, or does not hold numbers.
    """
    y = as_numbers(y, "y")
    if y.ndim == 1 and np.issubdtype(y.dtype, np.integer) and not takes_single_value:
        return _one_hot(y, n_outputs, dtype)
    n_values = math.prod(y.shape[1:])
    if y.ndim == 0 or n_values != n_outputs:
        hint = "classes are whole numbers, shape (m,)" if y.ndim == 1 else ""
        raise DataError(f"y has shape {y.shape}, the network gives (m, {n_outputs})", hint)
    return np.ascontiguousarray(y.reshape(len(y), n_values), dtype)


def _one_hot(y: Labels, n_outputs: int, dtype: "np.dtype[np.floating]") -> Array:
    n_classes = max(2, n_outputs)
    if len(y) and not (y.min() >= 0 and y.max() < n_classes):
        wrong = y[(y < 0) | (y >= n_classes)][0]
        raise DataError(f"y contains class {wrong}, the network has classes 0 to {n_classes - 1}")
    if n_outputs == 1:
        return y.reshape(-1, 1).astype(dtype)
    targets = np.zeros((len(y), n_outputs), dtype)
    targets[np.arange(len(y)), y] = 1
    return targets


def as_numbers(values: AnyArray, name: str) -> AnyArray:
    """Return `values` as an array.

    Raises:
        DataError: it does not hold numbers; the message calls it `name`.
    """
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise DataError(f"{name} contains {array.dtype}, not numbers")
    return array


def check_lengths(rows: Array, targets: Array) -> None:
    """Raise a DataError if rows and targets differ in number, or there are none."""
    if len(rows) != len(targets) or not len(rows):
        raise DataError(
            f"x has {counted(len(rows), 'sample')}, y {len(targets)}; both need the same number, at least 1"
        )
