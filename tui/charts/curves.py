"""Curves as arrays: cleaned of values that are not finite, downsampled to the width, smoothed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_LARGEST, _SMALLEST = 1e150, 1e-290
"""Values are clipped to the first size: a diverging loss must not overflow the axis. Below the second, they are 0."""


@dataclass(frozen=True)
class Series:
    """One curve: name, colour (red, green, blue) and points; None and values that are not finite are gaps.

    Without a colour it has that of the text.
    """

    name: str
    colour: tuple[int, int, int] | None
    x: Sequence[float] | Floats
    y: Sequence[float | None] | Floats
    mark: str = ""
    """A character at each point, for curves of few points, so that they differ not by colour alone."""
    line: bool = True
    """True to join the points; False to draw every point."""
    smooth: bool = True
    """True if the curve may be smoothed."""
    valued: bool = True
    """True to show the last value in the legend, which is useful if the x axis is time."""
    dashed: bool = False
    """True to draw dashes instead of a whole line, so that lines differ not by colour alone."""
    faint: bool = False
    """True for a colour near that of the background."""
    low: Sequence[float | None] | Floats | None = None
    """The lower edge of a band: if given, the area between it and `y` is drawn, faint and under all lines."""
    shown: str | None = None
    """The value in the legend as text; None: the newest one."""

    @property
    def is_faint(self) -> bool:
        """True if it is drawn in a faint colour."""
        return self.faint or self.low is not None


def clean(x: ArrayLike, y: ArrayLike | Sequence[float | None], log: bool = False) -> tuple[Floats, Floats]:
    """Return x and y as float64 of the same length, (n,), with NaN for points that cannot be drawn.

    With `log`, y is replaced by its logarithm to base 10; values that are not positive become gaps.
    """
    xs, ys = np.asarray(x, np.float64).ravel(), np.array(y, np.float64).ravel()  # None becomes NaN
    n = min(len(xs), len(ys))
    xs, ys = xs[:n], ys[:n]
    drawable = np.isfinite(xs) & np.isfinite(ys)
    ys = np.where(drawable, _clipped(ys, drawable), np.nan)
    if log:
        ys = np.log10(np.where(ys > 0, ys, np.nan))
    return np.where(drawable, _clipped(xs, drawable), np.nan), ys


def _clipped(values: Floats, drawable: NDArray[np.bool_]) -> Floats:
    clipped = np.clip(np.where(drawable, values, 0.0), -_LARGEST, _LARGEST)
    return np.where(np.abs(clipped) < _SMALLEST, 0.0, clipped)


def thin(xs: Floats, ys: Floats, buckets: int) -> Floats:
    """Return about 4 points per bucket or fewer, (n, 2), with the extremes of each bucket; gaps are rows of NaN.

    The points per bucket are a power of two, so that old points keep their place as data grow.
    """
    if len(ys) > 2 * buckets:
        keep = _extremes(ys, _bucket_size(len(ys), buckets))
        xs, ys = xs[keep], ys[keep]
    return np.column_stack([xs, ys])  # (n, 2)


def smooth(xs: Floats, ys: Floats, weight: float, buckets: int) -> Floats:
    """Return the running mean of the means of the buckets, (n, 2); `weight`, 0 to below 1, is that of the past.

    The bias towards 0 at the start is corrected as in Adam (Kingma, Ba 2015).
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


def spread(
    columns: NDArray[np.int64], low: Floats, high: Floats, is_joined: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Return the columns of a band with the lowest and the highest value of their points, (n,) each.

    Columns between two points that are joined are interpolated.

    Args:
        columns: the column of each point, never falling, (m,), at least one.
        low: lower edge at each point, (m,).
        high: upper edge at each point.
        is_joined: True for neighbours without a gap between them, (m - 1,).
    """
    starts = np.flatnonzero(np.diff(columns, prepend=columns[0] - 1))
    known, least, most = columns[starts], np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)
    every = np.arange(known[0], known[-1] + 1)
    place = np.searchsorted(known, every, side="right") - 1  # of the last column with points
    is_filled = np.append(is_joined[starts[1:] - 1], False)[place] | (known[place] == every)
    every = every[is_filled]
    return every, np.interp(every, known, least), np.interp(every, known, most)


def _bucket_size(n: int, buckets: int) -> int:
    return 1 << math.ceil(math.log2(n / max(1, buckets)))


def _runs(values: Floats, size: int) -> Floats:
    padded = np.full(math.ceil(len(values) / size) * size, np.nan)
    padded[: len(values)] = values
    return padded.reshape(-1, size)  # (runs, size)


def _extremes(ys: Floats, size: int) -> NDArray[np.int64]:
    """Positions of the minimum and maximum of each block of `size` values, in order; an empty block keeps one."""
    runs = _runs(ys, size)
    lowest = np.where(np.isnan(runs), np.inf, runs).argmin(axis=1)
    highest = np.where(np.isnan(runs), -np.inf, runs).argmax(axis=1)
    starts = np.arange(len(runs)) * size
    return np.unique(np.concatenate([starts + lowest, starts + highest]))


def _means(xs: Floats, ys: Floats, size: int) -> tuple[Floats, Floats]:
    """Means of the drawable points of each block of `size` points; NaN without any."""
    pair = []
    for runs in (_runs(np.where(np.isnan(ys), np.nan, xs), size), _runs(ys, size)):
        counts = (~np.isnan(runs)).sum(axis=1)
        sums = np.nansum(runs, axis=1)
        pair.append(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan))
    return pair[0], pair[1]
