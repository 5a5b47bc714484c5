"""How sure a share of counted samples is."""

import math
from typing import NamedTuple

Z_95 = 1.959963984540054
"""Standard deviations within which 95% of a normal distribution lie."""


class Interval(NamedTuple):
    """Ends of a confidence interval, shares from 0 to 1."""

    low: float
    high: float


def wilson(hits: int, n: int, z: float = Z_95) -> Interval:
    """Return Wilson's score interval for the share of which `hits` of `n` were seen.

    It stays within 0 and 1 and holds its promise for few samples and for shares near the ends, where hits / n plus
    and minus its standard error does not. With n = 0 nothing is known: (0, 1).

    Source: Wilson 1927, JASA 22, 209 to 212.
    """
    if not n:
        return Interval(0.0, 1.0)
    share, weight = hits / n, z * z / n
    middle = (share + weight / 2) / (1 + weight)
    reach = z * math.sqrt(share * (1 - share) / n + weight / (4 * n)) / (1 + weight)
    low = 0.0 if hits == 0 else max(0.0, middle - reach)  # exact where rounding would not be
    return Interval(low, 1.0 if hits == n else min(1.0, middle + reach))
