"""Central finite differences of the loss in float64, with an error bar each, and with kinks detected.

Sources: the step and the realised difference as in Dennis and Schnabel 1996, section 5.4; the noise of the
loss by Moré and Wild 2011, "Estimating computational noise"; extrapolation by Ridders 1982.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from engine.arrays import Array
from engine.gradcheck.kinks import SMOOTH, Sides, equal, sides_of, watches_kinks
from engine.gradcheck.tensors import Places
from engine.nn.layers import BatchNorm
from engine.nn.network import Network

STEP = 1e-5
"""Step relative to max(1, |θ|): the median relative error is 2e-10, 1,000 times less than at 1e-8 or 1e-3."""
SHRINK = (1.0, 0.1, 0.01)
"""Factors on the step that are tried in turn when a difference crosses a kink."""
STEPS = 13
"""Steps that are extrapolated, each a quarter of the previous one."""
SETTLED = 0.5
"""Share of a slope by which two successive steps may differ for their extrapolation to be meaningful."""
NOISE_BAR = 6.0
"""Standard deviations of the loss's noise that count as its error."""
TURN = 0.1
"""Share by which a batch's standard deviation may change within a step. Beyond it the loss turns and flattens out
(nearly equal samples), and a difference across the turn is not the slope at the point."""
TRUSTED_DIGITS = 1e7
"""A gradient must be this many error bars large for a relative error of 1e-7 to be resolved."""


@dataclass(frozen=True)
class Slope:
    """A derivative of the loss along a line, and its error bar."""

    value: float
    resolution: float
    noise: float = 0.0
    """The part of `resolution` that is due to the loss's rounding alone."""
    across_bend: bool = False
    """True if the curvature jumps within the step, so that the central difference is less exact."""
    across_turn: bool = False
    """True if a batch normalisation turns within the step, so that the difference is not the slope at the point."""

    def improves_on(self, plain: "Slope") -> bool:
        """True if this extrapolated slope is more exact than a plain one, or shows its truncation error."""
        return self.resolution < plain.resolution or abs(self.value - plain.value) > self.resolution


@dataclass(frozen=True)
class DifferenceLine:
    """A straight line through the current point of a vector: `vector[places] + t * direction`."""

    places: Places
    direction: Array
    scale: float
    """The unit of a step: max(1, |θᵢ|) for a coordinate."""


class Deviation(NamedTuple):
    """The error of an analytic value against a slope, and the part that rounding may explain; fractions of 1."""

    error: float
    """|a − n| / max(|a|, |n|, the size of the whole, the slope's error bar · 1e7)."""
    rounding: float = 0.0
    """The bound on the rounding error of the analytic value, over the same scale."""

    @property
    def unexplained(self) -> float:
        """The error that rounding does not explain."""
        return 0.0 if self.error <= self.rounding else self.error - self.rounding


def deviation(analytic: float, slope: Slope, size: float = 0.0, rounding: float = 0.0) -> Deviation:
    """Return how far `analytic` is from `slope`.

    Args:
        size: the norm of the gradient that a direction covers; 0 for a coordinate.
        rounding: the bound on the rounding error of the analytic value.
    """
    difference = abs(analytic - slope.value)
    if not difference:
        return Deviation(0.0)
    scale = max(abs(analytic), abs(slope.value), size, slope.resolution * TRUSTED_DIGITS)
    return Deviation(difference / scale, rounding / scale)


def _settled(central: Slope, previous: list[float]) -> bool:
    """True if a slope is near that of the larger step; it is not where a flat loss has a narrow bend."""
    if not previous:
        return True
    moved = abs(central.value - previous[0])
    return moved <= SETTLED * max(abs(central.value), abs(previous[0])) + central.resolution


class Surface:
    """A function of one vector, differenced along lines; each probe restores the vector.

    Args:
        vector: float64, moved in place.
        least_noise: rounding error of the function to assume at least, where the measurement may miss it.
    """

    def __init__(self, vector: Array, least_noise: float = 0.0) -> None:
        self._least_noise = least_noise
        self.vector = vector
        self.loss, self._sides = self.evaluate()

    def evaluate(self) -> tuple[float, Sides]:
        """Return the function at the current point and the side of every known kink."""
        return self._loss(), SMOOTH

    def _loss(self) -> float:
        """Return the function at the current point."""
        raise NotImplementedError

    def _turns(self) -> bool:
        """True if the function turned between the last evaluation and the current point; see `TURN`."""
        return False

    def _rounding(self) -> float:
        """Return the smallest possible noise."""
        return float(np.finfo(np.float64).eps * max(abs(self.loss), np.finfo(np.float64).tiny))

    def slope(self, line: DifferenceLine) -> Slope | None:
        """Return the derivative along `line`, or None if every step crosses a kink."""
        last = None
        for factor in SHRINK:
            last = self._central(line, STEP * line.scale * factor)
            if last is not None and not (last.across_bend or last.across_turn):
                return last
        return self.careful_slope(line) if last is not None and last.across_turn else last

    def careful_slope(self, line: DifferenceLine) -> Slope | None:
        """Return the derivative along `line` extrapolated to step 0; 20 times the cost of `slope`.

        The steps decrease from 1e-2 to 6e-10 by factors of 4; those across a kink or a turn are left out. Where the
        curvature jumps at the point, the error also has odd powers of the step. It may jump slightly beside the
        point, but nearer than the finest step across it, which bounds the error of the extrapolation.
        """
        best: dict[bool, Slope] = {}  # for steps across a bend, and for the others
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
                power = order if was_across else 2 * order  # of h, in the term that this eliminates
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
        """Return the line along a random vector of ±1 over `places`; every coordinate moves."""
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
        across_kink = not (
            equal(above_on.kinks, self._sides.kinks) and equal(below_on.kinks, self._sides.kinks)
        )
        if across_kink or not math.isfinite(above - below):
            return None
        distance = float(realised @ line.direction) / len(
            realised
        )  # 2h, with the rounding of the coordinates
        resolution = noise = NOISE_BAR * self.noise / h
        across_bend = not (
            equal(above_on.bends, self._sides.bends) and equal(below_on.bends, self._sides.bends)
        )
        if across_bend:
            resolution += (
                abs(above - 2 * self.loss + below) / distance
            )  # half of the right minus the left slope
        return Slope((above - below) / distance, resolution, noise, across_bend, turns)

    @cached_property
    def noise(self) -> float:
        """Standard deviation of the loss's rounding errors, by differences of order 3 to 5 over tiny steps."""
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
        return max(*sigmas[2:], self._rounding(), self._least_noise)


class LossSurface(Surface):
    """The mean loss of one batch as a function of one vector, `theta` or the data.

    Args:
        network: a borrowed network in float64.
        x: float64 rows (m, n_features), contiguous.
        targets: float64 (m, n_outputs), encoded by `network.encode`.
        vector: `network.theta`, or a flat view of `x`.
        least_noise: rounding error of the loss to assume at least, for a loss whose error the measurement may miss.
    """

    def __init__(
        self, network: Network, x: Array, targets: Array, vector: Array, least_noise: float = 0.0
    ) -> None:
        self._network, self._x, self._targets = network, x, targets
        self._rows = network.empty_rows(len(x))  # (m, n_features + 1), refilled for every loss
        self._watches_kinks = watches_kinks(network)
        super().__init__(vector, least_noise)
        self._norms = [layer for layer in network.layers if isinstance(layer, BatchNorm)]
        self._factors = [layer.factor.copy() for layer in self._norms]  # 1/σ of each feature

    def _turns(self) -> bool:
        """True if a batch's deviation in the last forward pass is far from that at the current point."""
        return any(
            bool((np.abs(layer.factor - here) > TURN * here).any())
            for layer, here in zip(self._norms, self._factors, strict=True)
        )

    def evaluate(self) -> tuple[float, Sides]:
        """Return the loss at the current point and the side of every kink."""
        loss = self._loss()
        return loss, sides_of(self._network, self._targets) if self._watches_kinks else SMOOTH

    def _loss(self) -> float:
        with np.errstate(all="ignore"):  # `_central` leaves out what overflows
            self._rows[:, :-1] = self._x
            scores = self._network.scores(self._rows)
            return self._network.loss.value(scores, self._targets)

    def _rounding(self) -> float:
        """Return the smallest possible noise: a logarithm near 0 is the remainder of terms of size 1."""
        least = 1.0 if self._network.loss.is_difference else np.finfo(np.float64).tiny
        return float(np.finfo(np.float64).eps * max(abs(self.loss), least))
