"""Curves as arrays: what is drawn of them, thinned to the width, smoothed, cleaned of what is not finite."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_LARGEST = 1e150
"""Values beyond are drawn here: a diverging loss must not overflow the axis."""


@dataclass(frozen=True)
class Series:
    """One curve: its name, colour (red, green, blue) and points; what is not finite is a gap."""

    name: str
    colour: tuple[int, int, int]
    x: Sequence[float] | Floats
    y: Sequence[float | None] | Floats
    mark: str = ""
    """A character at each point, for curves of few points, so that colour is not the only sign."""
    line: bool = True
    """Whether the points are joined; where not, every point is drawn."""
    smooth: bool = True
    """Whether smoothing applies to it."""
    valued: bool = True
    """Whether the legend tells its last value, which says something where the x axis is time."""


def clean(x: ArrayLike, y: ArrayLike | Sequence[float | None], log: bool = False) -> tuple[Floats, Floats]:
    """Return x and y as float64 of one length, with NaN where a point cannot be drawn.

    With `log`, y is its logarithm to base 10, and what is not positive is a gap.
    """
    xs, ys = np.asarray(x, np.float64).ravel(), np.array(y, np.float64).ravel()  # None becomes NaN
    n = min(len(xs), len(ys))
    xs, ys = xs[:n], ys[:n]
    drawable = np.isfinite(xs) & np.isfinite(ys)
    ys = np.where(drawable, np.clip(np.where(drawable, ys, 0.0), -_LARGEST, _LARGEST), np.nan)
    if log:
        ys = np.log10(np.where(ys > 0, ys, np.nan))
    return np.where(drawable, np.clip(np.where(drawable, xs, 0.0), -_LARGEST, _LARGEST), np.nan), ys


def thin(xs: Floats, ys: Floats, buckets: int) -> Floats:
    """Return at most some 4 points a bucket, (n, 2), keeping each bucket's extremes; gaps are rows of NaN.

    A bucket holds a power of two of points, so that old points stay where they are as data grow.
    """
    if len(ys) > 2 * buckets:
        keep = _extremes(ys, _bucket_size(len(ys), buckets))
        xs, ys = xs[keep], ys[keep]
    return np.column_stack([xs, ys])  # (n, 2)


def smooth(xs: Floats, ys: Floats, weight: float, buckets: int) -> Floats:
    """Return the running mean of each bucket's mean, (n, 2); `weight`, 0 to below 1, is what the past counts.

    The mean begins at the first value without a bias towards 0, as Adam's moments do.
    """
    if len(ys) > 2 * buckets:
        xs, ys = _means(xs, ys, _bucket_size(len(ys), buckets))
    smoothed = np.full(len(ys), np.nan)
    mean, counted = 0.0, 0.0
    for i, y in enumerate(ys.tolist()):
        if not math.isnan(y):
            mean = weight * mean + (1 - weight) * y
            counted = weight * counted + (1 - weight)
            smoothed[i] = mean / counted
    return np.column_stack([xs, smoothed])  # (n, 2)


def _bucket_size(n: int, buckets: int) -> int:
    return 1 << math.ceil(math.log2(n / max(1, buckets)))


def _runs(values: Floats, size: int) -> Floats:
    padded = np.full(math.ceil(len(values) / size) * size, np.nan)
    padded[: len(values)] = values
    return padded.reshape(-1, size)  # (runs, size)


def _extremes(ys: Floats, size: int) -> NDArray[np.int64]:
    """Positions of the lowest and highest of each run of `size` values, in order; an empty run keeps one."""
    runs = _runs(ys, size)
    lowest = np.where(np.isnan(runs), np.inf, runs).argmin(axis=1)
    highest = np.where(np.isnan(runs), -np.inf, runs).argmax(axis=1)
    starts = np.arange(len(runs)) * size
    return np.unique(np.concatenate([starts + lowest, starts + highest]))


def _means(xs: Floats, ys: Floats, size: int) -> tuple[Floats, Floats]:
    """Means of each run of `size` points; of what can be drawn of it, NaN where nothing can."""
    pair = []
    for runs in (_runs(np.where(np.isnan(ys), np.nan, xs), size), _runs(ys, size)):
        counts = (~np.isnan(runs)).sum(axis=1)
        sums = np.nansum(runs, axis=1)
        pair.append(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan))
    return pair[0], pair[1]
