"""Confidence intervals for a share of counted samples."""

import math
from typing import NamedTuple

Z_95 = 1.959963984540054
"""Standard deviations that contain 95 % of a normal distribution, to either side."""


class Interval(NamedTuple):
    """Ends of a confidence interval, shares from 0 to 1."""

    low: float
    high: float


def wilson(hits: int, n: int, z: float = Z_95) -> Interval:
    """Return Wilson's score interval for the true share, given `hits` of `n`.

    Unlike hits / n plus and minus its standard error, it stays within 0 and 1 and has about the stated coverage for few
    samples and for shares near the ends. With n = 0 it is (0, 1).

    Args:
        hits: samples counted, 0 to n.
        n: all samples.
        z: half-width in standard deviations.

    Source: Wilson 1927, JASA 22, 209 to 212.
    """
    if not n:
        return Interval(0.0, 1.0)
    share, weight = hits / n, z * z / n
    middle = (share + weight / 2) / (1 + weight)
    reach = z * math.sqrt(share * (1 - share) / n + weight / (4 * n)) / (1 + weight)
    low = 0.0 if hits == 0 else max(0.0, middle - reach)  # exact, without rounding error
    return Interval(low, 1.0 if hits == n else min(1.0, middle + reach))
