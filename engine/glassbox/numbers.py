"""Numbers, indices and sums in the notation of a formula."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from engine.arrays import Array
from engine.words import counted

MOST_TERMS = 12
"""Largest number of terms of a sum that is written out."""
MOST_UNITS = 10
"""Largest number of units of a layer that are written out; the others are counted."""
MOST_SAMPLES = 2
"""Largest number of samples of a batch that are written out."""
LARGEST_TERMS = 3
"""Terms shown of a longer sum."""


class Line(NamedTuple):
    """A calculation on one line, with the place of its result."""

    text: str
    start: int
    """Index of the result's first character."""
    end: int
    """Index after its last character; equal to `start`: the line has no result."""


def line(before: str, result: str, after: str = "") -> Line:
    """Return the line `before` + `result` + `after`, whose result is marked."""
    return Line(f"{before}{result}{after}", len(before), len(before) + len(result))


def equation(name: str, *sides: str, after: str = "") -> Line:
    """Return `name = side = ... = result`, whose last side is the result; empty sides are left out."""
    *first, result = [name, *(side for side in sides if side)]
    return line(" = ".join([*first, ""]), result, after)


def remark(text: str) -> Line:
    """Return a line without a result."""
    return Line(text, 0, 0)


def number(value: float) -> str:
    """Return `value` in at most four digits with a true minus sign: 1.3, −0.02, 2.1e−9."""
    if math.isnan(value):
        return "NaN"
    text = f"{value + 0.0:.4g}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")
    return text.replace("inf", "∞").replace("-", "−")


def factor(value: float) -> str:
    """Return `value` as a factor or summand: in brackets if it is negative."""
    text = number(value)
    return f"({text})" if text.startswith("−") else text


def times(*values: float) -> str:
    """Return a product, 0.5·1."""
    return "·".join(map(factor, values))


def shape(sizes: Sequence[int]) -> str:
    """Return a shape, (4 × 2)."""
    return f"({' × '.join(f'{size:,}' for size in sizes)})"


class Indexed:
    """Names single values of a batch: z[2] of the only sample, z[1,2] of the second one of several."""

    def __init__(self, m: int) -> None:
        self.m = m

    def name(self, symbol: str, i: int, *place: int) -> str:
        """Return the name of the value of sample `i` at `place`."""
        index = (i, *place) if self.m > 1 else place
        return f"{symbol}[{','.join(map(str, index))}]" if index else symbol

    @property
    def samples(self) -> range:
        """Indices of the samples that are written out."""
        return range(min(self.m, MOST_SAMPLES))

    def places(self, n: int) -> Iterator[tuple[int, int]]:
        """Yield the index (sample, unit) of each value that is written out, of (m, n)."""
        return ((i, k) for i in self.samples for k in range(min(n, MOST_UNITS)))

    def left_out(self, n: int, what: str = "unit") -> str:
        """Return the values that `places` leaves out, in words."""
        parts = []
        if n > MOST_UNITS:
            parts.append(f"{counted(n - MOST_UNITS, f'more {what}')}")
        if self.m > MOST_SAMPLES:
            parts.append(counted(self.m - MOST_SAMPLES, "more sample"))
        return ", ".join(parts)


def sum_of_products(pairs: Sequence[tuple[float, float]], added: float | None = None) -> str:
    """Return `0.5·1 + 0.1·2 + 0` written out."""
    terms = [times(a, b) for a, b in pairs]
    return " + ".join([*terms, *([] if added is None else [factor(added)])])


def long_sum(
    name: str,
    names: Iterable[tuple[str, str]],
    left: Array,
    right: Array,
    result: float,
    added: str = "",
) -> Line:
    """Return a sum of products that is too long to write out: its length, its value and the largest terms.

    Args:
        name: of the sum.
        names: of the two factors of each term.
        left, right: their values, both (n,).
        result: the sum, including the summand `added`.
        added: the name of a further summand.
    """
    terms = left * right
    names = list(names)
    largest = np.argsort(-np.abs(terms), kind="stable")[:LARGEST_TERMS]
    zeros = int((terms == 0).sum())
    zeros_note = f" ({zeros:,} are 0)" if zeros else ""
    plus = f" + {added}" if added else ""
    shown = [
        f"{'·'.join(names[j])} = {times(left[j], right[j])} = {number(terms[j])}"
        for j in largest
        if terms[j] != 0
    ]
    sum_text = f"Σ of {len(terms):,} products{zeros_note}{plus}"
    return equation(
        name, sum_text, number(result), after=f"; largest terms: {', '.join(shown)}" if shown else ""
    )
