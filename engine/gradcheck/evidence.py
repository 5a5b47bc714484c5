"""The finite differences of one tensor, by coordinate and by random direction, and their errors."""

from dataclasses import dataclass, field

import numpy as np

from engine.arrays import Array
from engine.gradcheck.differences import Deviation, DifferenceLine, Slope, Surface, deviation
from engine.gradcheck.events import USUAL_TOLERANCE as TOLERANCE
from engine.gradcheck.heat import KINK
from engine.gradcheck.tensors import Places, Tensor, halves

SUSPICIOUS = 1e-8
"""Relative error above which a slope is computed again by extrapolation."""
CONFIRMATIONS = 4
"""Errors in one tensor that are confirmed by extrapolation; further ones are accepted without it."""
ALL_UP_TO = 4_000
"""Number of parameters up to which every coordinate of a network is checked."""
SAMPLE = 48
"""Coordinates of each tensor checked in a larger network."""
DIRECTIONS = 4
"""Random directions of each tensor in a larger network."""
NONE = Deviation(0.0)


def strain(deviation: Deviation) -> float:
    """Return an error as a multiple of the largest one that passes."""
    return deviation.error / (TOLERANCE + deviation.rounding)


@dataclass
class Evidence:
    """The measurements of one tensor's gradient; `places`, `slopes` and `deviations` are parallel lists."""

    tensor: Tensor
    analytic: Array
    """The whole analytic gradient vector, which the tensor's places index."""
    rounding: float = 0.0
    """Bound on the rounding error of each value; 0 where it is negligible."""
    places: list[int] = field(default_factory=list)
    slopes: list[Slope] = field(default_factory=list)
    deviations: list[Deviation] = field(default_factory=list)
    directions: int = 0
    along: Deviation = NONE
    """The largest deviation of a direction."""
    kink_places: list[int] = field(default_factory=list)
    """Coordinates whose difference crossed a kink at every step."""
    confirmed: int = 0

    @property
    def kinks(self) -> int:
        """The number of coordinates at a kink."""
        return len(self.kink_places)

    @property
    def errors(self) -> list[float]:
        """The errors of the coordinates checked, without what rounding explains."""
        return [one.unexplained for one in self.deviations]

    @property
    def worst(self) -> Deviation:
        """The deviation nearest to, or farthest beyond, the largest one that passes."""
        return max([*self.deviations, self.along], key=strain)

    @property
    def map_of_errors(self) -> Array:
        """The relative errors in the tensor's shape: NaN where no difference was taken, `KINK` at a kink."""
        by_place = dict.fromkeys(self.kink_places, KINK) | dict(zip(self.places, self.errors, strict=True))
        errors = np.full(len(self.analytic), np.nan)
        errors[list(by_place)] = list(by_place.values())
        in_shape: Array = errors[self.tensor.places]
        return in_shape

    @property
    def wrong(self) -> bool:
        return any(one.unexplained > TOLERANCE for one in (*self.deviations, self.along))

    @property
    def pairs(self) -> tuple[Array, Array]:
        """(analytic, numeric) values of the coordinates checked, both (checked,)."""
        return self.analytic[self.places], np.array([slope.value for slope in self.slopes])

    def check_coordinate(self, surface: Surface, place: int) -> None:
        """Compare one coordinate."""
        line = surface.coordinate(place)
        analytic = float(self.analytic[place])
        slope, found = self._compare(surface, line, analytic, 0.0, self.rounding)
        if slope is None:
            self.kink_places.append(place)
            return
        self.places.append(place)
        self.slopes.append(slope)
        self.deviations.append(found)

    def check_direction(self, surface: Surface, rng: np.random.Generator) -> None:
        """Compare along one random direction over the tensor; if it fails, find a wrong coordinate."""
        found = self._along_direction(surface, self.tensor.run, rng)
        if found is None:
            return
        self.directions += 1
        self.along = max(self.along, found, key=strain)
        if found.unexplained > TOLERANCE and not self.places:
            self._bisect(surface, rng)

    def _bisect(self, surface: Surface, rng: np.random.Generator) -> None:
        """Bisect the set of coordinates, keeping a half whose direction fails, down to one coordinate."""
        places = self.tensor.run
        while len(self.analytic[places]) > 1:
            errors = {
                (self._along_direction(surface, half, rng) or NONE).unexplained: half
                for half in halves(places)
            }
            if max(errors) <= TOLERANCE:
                return
            places = errors[max(errors)]
        self.check_coordinate(surface, places.start if isinstance(places, slice) else int(places[0]))

    def _along_direction(
        self, surface: Surface, places: Places, rng: np.random.Generator
    ) -> Deviation | None:
        gradient = self.analytic[places]
        size = float(np.linalg.norm(gradient))
        for _ in range(3):
            line = surface.random_direction(places, rng)
            rounding = self.rounding * len(gradient) ** 0.5
            slope, found = self._compare(surface, line, float(gradient @ line.direction), size, rounding)
            if slope is not None:
                return found
        return None

    def _compare(
        self, surface: Surface, line: DifferenceLine, analytic: float, size: float, rounding: float
    ) -> tuple[Slope | None, Deviation]:
        slope = surface.slope(line)
        if slope is None:
            return None, NONE
        found = deviation(analytic, slope, size, rounding)
        if found.unexplained > SUSPICIOUS and self.confirmed < CONFIRMATIONS:
            better = surface.careful_slope(line)
            if better is not None and better.improves_on(slope):
                slope, found = better, deviation(analytic, better, size, rounding)
            self.confirmed += found.unexplained > TOLERANCE
        return slope, found


def choose_places(
    tensor: Tensor, analytic: Array, only_a_sample: bool, rng: np.random.Generator
) -> list[int]:
    """Return the coordinates to check, as indices into the gradient vector: all, or a seeded sample.

    A third of the sample has the largest gradients, a third is drawn from the non-zero ones, the rest from all:
    many weights of an image are connected to black pixels only, and their gradient is 0.
    """
    places = tensor.places.ravel()
    if not only_a_sample or len(places) <= SAMPLE:
        return [int(place) for place in places]
    sizes = np.abs(analytic[places])
    third = SAMPLE // 3
    largest = places[np.argpartition(sizes, -third)[-third:]]
    alive = places[sizes > 0]
    chosen = [largest, rng.choice(alive, min(third, len(alive)), replace=False)]
    chosen.append(rng.choice(places, third, replace=False))
    return sorted({int(place) for part in chosen for place in part})
