"""Levels of values: the band of a palette that each value falls into."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def levels(values: ArrayLike, count: int) -> NDArray[np.int64]:
    """Return the level, 0 to count - 1, of each value between the minimum and the maximum.

    The result has the shape of `values`. Equal values get the middle level, values that are not finite -1.
    """
    array = np.asarray(values, np.float64)
    finite = np.isfinite(array)
    result = np.full(array.shape, -1, np.int64)
    if not finite.any():
        return result
    halves = array[finite] / 2  # the span cannot overflow
    low, span = halves.min(), np.ptp(halves)
    shares = (halves - low) / span if span > 0 else np.full(halves.shape, 0.5)
    result[finite] = np.minimum((shares * count).astype(np.int64), count - 1)
    return result


def diverging_levels(values: ArrayLike, count: int, middle: float = 0.0) -> NDArray[np.int64]:
    """Return levels as `levels` does, on a scale that is symmetric around `middle`."""
    array = np.asarray(values, np.float64)
    finite = array[np.isfinite(array)]
    reach = float(np.abs(finite - middle).max()) if finite.size else 0.0
    if reach == 0:
        return np.where(np.isfinite(array), count // 2, -1).astype(np.int64)
    scaled = (array - middle) / reach
    padded = np.concatenate([scaled.ravel(), [-1.0, 1.0]])
    return levels(padded, count)[:-2].reshape(array.shape)
