"""Histograms and statistics of values, over an axis that is chosen separately so that it can stay fixed over time."""

import math
from collections.abc import Iterable

import msgspec
import numpy as np

from engine.arrays import AnyArray, Array
from engine.inspection.rasters import finite

Span = tuple[float, float]
TAIL = 0.001
"""Share of the values that may lie outside either end of their span, so that outliers do not flatten the histogram."""
MOST_SORTED = 100_000
"""Values of which quantiles are computed; of more, every k-th one is used."""
_ROUND = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
"""Round ends of an axis, times a power of ten."""


class Distribution(msgspec.Struct, frozen=True):
    """Statistics and histogram of some values of a layer."""

    of: str
    """pre_activation, activation, weight, bias, weight_gradient or bias_gradient."""
    size: int
    mean: float | None
    std: float | None
    lowest: float | None
    highest: float | None
    axis: Span
    """Ends of the histogram."""
    counts: tuple[int, ...]
    """Values in each bin; all bins have the same width."""
    below: float
    """Share of the values below the axis."""
    above: float
    """Share of the values above the axis."""
    zeros: float
    """Share of the values that are exactly 0."""
    broken: int = 0
    """NaN and infinite values; they are excluded from all other figures."""

    @property
    def outside(self) -> float:
        """Share of the values outside the axis."""
        return self.below + self.above


def distribution(of: str, values: Array, axis: Span, bins: int) -> Distribution:
    """Return statistics of values of any shape, and their histogram over `axis`."""
    flat = values.ravel(order="K")
    valid = flat[np.isfinite(flat)]
    low, high = axis
    if not valid.size:
        return Distribution(
            of, flat.size, None, None, None, None, axis, (0,) * bins, 0.0, 0.0, 0.0, flat.size
        )
    inside = valid[(valid >= low) & (valid <= high)]
    n = valid.size
    below = int(np.count_nonzero(valid < low))
    return Distribution(
        of=of,
        size=flat.size,
        mean=finite(valid.mean(dtype=np.float64)),
        std=finite(valid.std(dtype=np.float64)),
        lowest=finite(valid.min()),
        highest=finite(valid.max()),
        axis=axis,
        counts=tuple(_counts(inside, low, high, bins).tolist()),
        below=below / n,
        above=(n - inside.size - below) / n,
        zeros=int(np.count_nonzero(valid == 0)) / n,
        broken=flat.size - n,
    )


def _counts(inside: Array, low: float, high: float, bins: int) -> AnyArray:
    """Return the values in each bin, the last one closed; ten times as fast as `np.histogram`."""
    places = ((inside.astype(np.float64) - low) * (bins / (high - low))).astype(np.int64)
    return np.bincount(np.minimum(places, bins - 1), minlength=bins)


def span_of(values: Array) -> Span | None:
    """Return the range of all values but the tails; None if none is finite."""
    flat = values.ravel(order="K")
    some = flat[:: max(1, flat.size // MOST_SORTED)]
    valid = some[np.isfinite(some)]
    if not valid.size:
        return None
    low, high = np.quantile(valid.astype(np.float64), (TAIL, 1 - TAIL))
    return float(low), float(high)


def round_axis(spans: Iterable[Span | None], least: float = 0.0) -> Span:
    """Return an axis that contains 0 and all the spans, with round ends.

    Args:
        spans: None is ignored.
        least: reach of the axis to either side, at least.
    """
    known = [span for span in spans if span is not None]
    low = min([-least, *(span[0] for span in known)])
    high = max([least, *(span[1] for span in known)])
    if low >= 0 and high <= 0:
        return -1.0, 1.0
    return -_round_up(-low) if low < 0 else 0.0, _round_up(high) if high > 0 else 0.0


def _round_up(value: float) -> float:
    """Return the next round number; one that would overflow is returned unchanged."""
    power = math.floor(math.log10(max(value, 1e-300)))
    ends = (step * 10.0**power for step in _ROUND)
    return next((end for end in ends if end >= value * (1 - 1e-9)), value)
