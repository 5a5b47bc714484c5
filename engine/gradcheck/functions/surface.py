"""The user's loss along a line: central differences, and where it has a kink, its one-sided derivatives.

Nothing tells the kinks of a function that is only called. At a kink the slopes on the two sides differ by the same
amount at every step; at a smooth point the difference shrinks with the step. So a step across a kink is known from the
next finer one, and left out. Sources: as in `engine.gradcheck.differences`.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from engine.arrays import Array
from engine.gradcheck.differences import NOISE_BAR, STEPS, DifferenceLine, Slope, Surface

FINE = 1e-10
"""Step, relative to max(1, |w|), below what float32 resolves."""
PERSISTS = 0.5
"""Share of the difference of the two sides that a quarter of the step leaves at a kink; a smooth point leaves 1/4."""


class Kink(NamedTuple):
    """The one-sided derivatives at a kink; None: the function is not finite on that side."""

    left: Slope | None
    right: Slope | None


class _Probe(NamedTuple):
    """The slopes at one step; NaN where the function is not finite."""

    h: float
    left: float
    central: float
    right: float
    noise: float


class FunctionSurface(Surface):
    """A loss as a function of `vector`, (n,)."""

    def __init__(self, loss: Callable[[Array], float], vector: Array) -> None:
        self._function = loss
        super().__init__(vector)

    def _loss(self) -> float:
        return self._function(self.vector)

    def is_staircase(self) -> bool:
        """True if the loss stays the same over steps that its slope makes it change by: it is rounded on the way."""
        origin = self.vector.copy()
        signs = np.random.default_rng(0).choice((-1.0, 1.0), len(origin)) * np.maximum(1.0, np.abs(origin))
        losses = []
        try:
            for step in (1e-4, -1e-4, *(k * FINE for k in range(1, 7))):
                self.vector[:] = origin + step * signs
                losses.append(self._loss())
        finally:
            self.vector[:] = origin
        rise = abs(losses[0] - losses[1]) / 2e-4 * FINE
        is_seen = rise > 1e3 * float(np.finfo(np.float64).eps) * abs(self.loss)
        return is_seen and len({self.loss, *losses[2:]}) == 1

    def look_closely(self, line: DifferenceLine) -> Slope | Kink | None:
        """Return the derivative extrapolated to step 0, the one-sided ones at a kink, or None without either."""
        probes = [self._probe(line, 1e-2 * line.scale * 0.25**k) for k in range(STEPS)]
        first = _first_below_kinks(probes)
        central = _limit([(one.h, one.central, one.noise) for one in probes[first:]], 2)
        steps = probes[first - 1 :] if first else probes
        resolves = central is not None and central.resolution * 1e3 < abs(steps[0].right - steps[0].left)
        if central is not None and (first == 0 or resolves):
            return central
        left = _limit([(one.h, one.left, one.noise) for one in probes], 1)
        right = _limit([(one.h, one.right, one.noise) for one in probes], 1)
        return Kink(left, right) if left or right else None

    def _probe(self, line: DifferenceLine, h: float) -> _Probe:
        origin = self.vector[line.places].copy()
        values, distances = [], []
        try:
            for sign in (1.0, -1.0):
                self.vector[line.places] = origin + sign * h * line.direction
                moved = (self.vector[line.places] - origin) @ line.direction
                distances.append(abs(float(moved)) / len(origin))  # h, with the rounding of the coordinates
                values.append(self._loss())
        finally:
            self.vector[line.places] = origin
        right, left = ((value - self.loss) / h for value, h in zip(values, distances, strict=True))
        central = (values[0] - values[1]) / sum(distances)
        return _Probe(h, -left, central, right, NOISE_BAR * self.noise / h)


def _first_below_kinks(probes: list[_Probe]) -> int:
    """Return the index of the first step that crosses no kink, nor any finer one; len(probes) if all do."""
    first = 0
    for i, one in enumerate(probes):
        jump, before = (
            abs(one.right - one.left),
            abs(probes[i - 1].right - probes[i - 1].left) if i else math.nan,
        )
        if not math.isfinite(jump) or (jump > 2 * one.noise and jump > PERSISTS * before):
            first = i + 1
    return first


def _limit(steps: list[tuple[float, float, float]], order: int) -> Slope | None:
    """Return the limit of slopes at falling steps, each a quarter of the last, by Richardson's extrapolation.

    Args:
        steps: (h, slope, noise of the slope).
        order: power of h in the first term of the error: 2 for central differences, 1 for one-sided ones.
    """
    best: Slope | None = None
    previous: list[float] = []
    for _, value, noise in steps:
        if not math.isfinite(value):
            previous = []
            continue
        row = [value]
        for n, coarser in enumerate(previous, 1):
            row.append(row[-1] + (row[-1] - coarser) / (4 ** (order * n) - 1))
            error = max(abs(row[-1] - row[-2]), abs(row[-1] - coarser)) + noise
            if best is None or error < best.resolution:
                best = Slope(row[-1], error, noise)
        previous = row
    return best
