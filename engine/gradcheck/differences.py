"""Central finite differences of the loss in float64, with their own error bar and an eye on kinks.

Sources: the step and the realised difference as in Dennis and Schnabel 1996, section 5.4; the noise of the
loss by Moré and Wild 2011, "Estimating computational noise"; extrapolation by Ridders 1982.
"""

import math
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array
from engine.gradcheck.kinks import SMOOTH, Sides, equal, sides_of, watches_kinks
from engine.gradcheck.tensors import Places
from engine.nn.layers import BatchNorm
from engine.nn.losses import Mse
from engine.nn.network import Network

STEP = 1e-5
"""Step relative to max(1, |θ|): the median relative error is 2e-10, 1,000 times less than at 1e-8 or 1e-3."""
SHRINK = (1.0, 0.1, 0.01)
"""Factors on the step that are tried in turn where a kink is in the way."""
STEPS = 13
"""Steps that are extrapolated, each a quarter of the one before."""
SETTLED = 0.5
"""Share of a slope that two steps in turn may differ by for an extrapolation to mean anything."""
NOISE_BAR = 6.0
"""Standard deviations of the loss's noise that count as its error."""
TURN = 0.1
"""Share by which a batch's deviation may change within a step: where it changes by much the loss turns, and flattens
out beyond (samples all alike, a narrow spread); no difference across that says anything about the slope here."""
TRUSTED_DIGITS = 1e7
"""Error bars that a gradient must be large for an error of 1e-7 of it to mean anything."""


@dataclass(frozen=True)
class Slope:
    """A derivative of the loss along a line, and how far it may be off."""

    value: float
    resolution: float
    noise: float = 0.0
    """The part of `resolution` that comes of the loss's rounding alone."""
    across_bend: bool = False
    """Whether the curvature jumps within the step, so that the central difference is less exact."""
    across_turn: bool = False
    """Whether a batch normalisation turns within the step, so that it says nothing about the slope at the point."""

    def outdoes(self, plain: "Slope") -> bool:
        """Whether this extrapolated slope is finer than a plain one, or shows it to be off by its curvature."""
        return self.resolution < plain.resolution or abs(self.value - plain.value) > self.resolution


@dataclass(frozen=True)
class DifferenceLine:
    """A straight line through the present point of a vector: `vector[places] + t * direction`."""

    places: Places
    direction: Array
    scale: float
    """A step's natural unit: max(1, |θᵢ|) for a coordinate."""


def relative_error(analytic: float, slope: Slope, size: float = 0.0, rounding: float = 0.0) -> float:
    """Return |a − n| over the larger of both, of `size`, and of what the differences resolve to 1e-7.

    What rounding may put into the analytic value, `rounding`, is taken off |a − n| first.
    """
    difference = abs(analytic - slope.value)
    if difference <= rounding:
        return 0.0
    difference -= rounding
    return difference / max(abs(analytic), abs(slope.value), size, slope.resolution * TRUSTED_DIGITS)


def _settled(central: Slope, previous: list[float]) -> bool:
    """Whether a slope is near the one of the larger step; where a loss is flat but for a narrow bend it is not."""
    if not previous:
        return True
    moved = abs(central.value - previous[0])
    return moved <= SETTLED * max(abs(central.value), abs(previous[0])) + central.resolution


class LossSurface:
    """The mean loss of one batch as a function of one vector, `theta` or the data; each probe is undone.

    Args:
        network: a borrowed network in float64.
        x: float64 rows (m, n_features), contiguous.
        targets: float64 (m, n_outputs), as `network.encode` gives them.
        vector: `network.theta`, or a flat view of `x`.
    """

    def __init__(self, network: Network, x: Array, targets: Array, vector: Array) -> None:
        self._network, self._x, self._targets = network, x, targets
        self._rows = network.empty_rows(len(x))  # (m, n_features + 1), filled anew for every loss
        self.vector = vector
        self._watches_kinks = watches_kinks(network)
        self.loss, self._on = self.evaluate()
        self._norms = [layer for layer in network.layers if isinstance(layer, BatchNorm)]
        self._factors = [layer.factor.copy() for layer in self._norms]  # 1/σ of each feature
        self.noise = self._measure_noise()

    def slope(self, line: DifferenceLine) -> Slope | None:
        """Return the derivative along `line`, or None where a kink is in the way at every step."""
        last = None
        for factor in SHRINK:
            last = self._central(line, STEP * line.scale * factor)
            if last is not None and not (last.across_bend or last.across_turn):
                return last
        return self.careful_slope(line) if last is not None and last.across_turn else last

    def careful_slope(self, line: DifferenceLine) -> Slope | None:
        """Return the derivative along `line` extrapolated to step 0; 20 times the cost of `slope`.

        The steps go from 1e-2 down by quarters to 6e-10; those across a kink or a turn are left out. Where the
        curvature jumps at the point itself the error has the odd powers of the step as well; it may also jump a
        little beside it, but nearer than the finest step across, which bounds what the extrapolation is off by.
        """
        best: dict[bool, Slope] = {}  # by whether the steps went across a bend
        previous: list[float] = []
        was_across, curvature, finest = False, 0.0, 0.0
        for k in range(STEPS):
            h = 1e-2 * line.scale * 0.25**k
            central = self._central(line, h)
            if central is None or central.across_turn or central.across_bend != was_across:
                previous = []
            if central is None or central.across_turn:
                continue
            was_across = central.across_bend
            if was_across:
                finest, bend = h, central.resolution - central.noise
                curvature = max(curvature, bend / h) if bend > central.noise else curvature
            row = [central.value]
            for order, coarser in enumerate(previous if _settled(central, previous) else (), 1):
                power = order if was_across else 2 * order  # of h, in the term that this kills
                row.append(row[-1] + (row[-1] - coarser) / (4**power - 1))
                error = max(abs(row[-1] - row[-2]), abs(row[-1] - coarser)) + central.noise
                if was_across not in best or error < best[was_across].resolution:
                    best[was_across] = Slope(row[-1], error)
            previous = row
        if True in best:
            best[True] = Slope(best[True].value, best[True].resolution + curvature * finest)
        return min(best.values(), key=lambda slope: slope.resolution, default=None)

    def coordinate(self, place: int) -> DifferenceLine:
        """Return the line along one coordinate of the vector."""
        return DifferenceLine(slice(place, place + 1), np.ones(1), max(1.0, abs(float(self.vector[place]))))

    def random_direction(self, places: Places, rng: np.random.Generator) -> DifferenceLine:
        """Return a line along a vector of ±1 over `places`: every coordinate moves."""
        here = self.vector[places]
        signs = rng.integers(0, 2, len(here), np.int8) * 2.0 - 1
        return DifferenceLine(places, signs, max(1.0, float(np.linalg.norm(here))) / math.sqrt(len(here)))

    def _central(self, line: DifferenceLine, h: float) -> Slope | None:
        places, origin = line.places, self.vector[line.places].copy()
        try:
            self.vector[places] = origin + h * line.direction
            realised = self.vector[places].copy()
            above, above_on = self.evaluate()
            turns = self._turns()
            self.vector[places] = origin - h * line.direction
            realised -= self.vector[places]
            below, below_on = self.evaluate()
            turns = turns or self._turns()
        finally:
            self.vector[places] = origin
        across_kink = not (equal(above_on.kinks, self._on.kinks) and equal(below_on.kinks, self._on.kinks))
        if across_kink or not math.isfinite(above - below):
            return None
        distance = float(realised @ line.direction) / len(realised)  # 2h as the floats came out
        resolution = noise = NOISE_BAR * self.noise / h
        across_bend = not (equal(above_on.bends, self._on.bends) and equal(below_on.bends, self._on.bends))
        if across_bend:
            resolution += abs(above - 2 * self.loss + below) / distance  # half of right minus left slope
        return Slope((above - below) / distance, resolution, noise, across_bend, turns)

    def _turns(self) -> bool:
        """Whether any batch's deviation in the newest forward is far from that at the present point."""
        return any(
            bool((np.abs(layer.factor - here) > TURN * here).any())
            for layer, here in zip(self._norms, self._factors, strict=True)
        )

    def evaluate(self) -> tuple[float, Sides]:
        """Return the loss at the present point and the side of every kink."""
        loss = self._loss()
        return loss, sides_of(self._network) if self._watches_kinks else SMOOTH

    def _loss(self) -> float:
        with np.errstate(all="ignore"):  # what overflows is left out by `_central`
            self._rows[:, :-1] = self._x
            scores = self._network.scores(self._rows)
            return self._network.loss.value(scores, self._targets)

    def _measure_noise(self) -> float:
        """The deviation of the loss's rounding errors, from differences of order 3 to 5 of a tiny walk."""
        origin = self.vector.copy()
        walk = (
            1e-10
            * np.maximum(1.0, np.abs(origin))
            * np.random.default_rng(0).choice((-1.0, 1.0), len(origin))
        )
        losses = []
        try:
            for k in range(7):
                self.vector[:] = origin + k * walk
                losses.append(self._loss())
        finally:
            self.vector[:] = origin
        differences = np.array(losses)
        sigmas = []
        for order in range(1, 6):
            differences = np.diff(differences)
            gamma = math.factorial(order) ** 2 / math.factorial(2 * order)
            sigmas.append(math.sqrt(gamma * float(np.mean(differences**2))))
        return max(*sigmas[2:], self._rounding())

    def _rounding(self) -> float:
        """The least noise there can be: a logarithm near 0 is the rest of terms of size 1."""
        least = np.finfo(np.float64).tiny if isinstance(self._network.loss, Mse) else 1.0
        return float(np.finfo(np.float64).eps * max(abs(self.loss), least))
