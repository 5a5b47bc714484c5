"""A plane through a network's weights: the loss on a grid, computed from coarse to fine and cached."""

from collections.abc import Iterator

import numpy as np

from engine.arrays import AnyArray, Array
from engine.inspection.directions import normalised_direction
from engine.nn.network import Network

SIDE = 25
"""Points of the grid along each direction; the middle one is the network itself."""
MIDDLE = SIDE // 2
STRIDES = (6, 3, 1)
"""Distances between the points of each pass: 25 points, then 81, then all 625."""
FIRST = ((SIDE - 1) // STRIDES[0] + 1) ** 2
"""Points of the first pass."""


def coarse_to_fine() -> Iterator[tuple[int, int]]:
    """Yield every point (row, column) once: stride by stride, each from the middle outwards."""
    seen = set()
    for stride in STRIDES:
        points = [(row, column) for row in range(0, SIDE, stride) for column in range(0, SIDE, stride)]
        for point in sorted(points, key=lambda one: (one[0] - MIDDLE) ** 2 + (one[1] - MIDDLE) ** 2):
            if point not in seen:
                seen.add(point)
                yield point


ORDER = tuple(coarse_to_fine())


class WeightPlane:
    """The loss over θ + a d₁ + b d₂ for a and b from -radius to radius. For one thread.

    The network computes in its own dtype and in evaluation mode: no dropout, batch normalisation with its running
    statistics. The loss is computed from its scores in float64.

    Args:
        network: at the centre of the plane; copied.
        rows: (m, n_features + 1), as the network takes them.
        y: (m,) classes or (m, k) values.
        seed: of the two directions.
        radius: 1 is the length of each unit's weights.
    """

    def __init__(self, network: Network, rows: Array, y: AnyArray, seed: int, radius: float) -> None:
        self._network, self._rows = network.copy(), rows
        self._targets = network.encode(y).astype(np.float64)
        self._theta = network.theta.astype(np.float64)
        rng = np.random.default_rng(seed)
        self.directions = normalised_direction(network, rng), normalised_direction(network, rng)
        self.radius = radius
        self._losses: Array = np.full((SIDE, SIDE), np.nan)
        self.computed = 0
        """Points whose loss is known."""

    @property
    def is_complete(self) -> bool:
        """True if every point is computed."""
        return self.computed == len(ORDER)

    def compute(self, points: int) -> None:
        """Compute points until `points` of them are known."""
        for row, column in ORDER[self.computed : points]:
            self._losses[row, column] = self.loss_at(*self.place(row, column))
            self.computed += 1

    def place(self, row: int, column: int) -> tuple[float, float]:
        """Return a and b of a point: a grows to the right, b upwards."""
        return self.radius * (column - MIDDLE) / MIDDLE, self.radius * (MIDDLE - row) / MIDDLE

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def loss_at(self, a: float, b: float) -> float:
        """Return the loss at (a, b), which may be infinite or NaN."""
        self._network.theta[:] = self._theta + a * self.directions[0] + b * self.directions[1]
        scores = self._network.scores(self._rows).astype(np.float64)
        return self._network.loss.value(scores, self._targets)

    def filled(self) -> Array:
        """Return the losses (SIDE, SIDE), the first row at the top; an unknown point has the loss of its neighbour in the
        last complete pass.
        """
        whole = [stride for stride in STRIDES if ((SIDE - 1) // stride + 1) ** 2 <= self.computed]
        stride = whole[-1] if whole else STRIDES[0]
        near = (np.arange(SIDE) + stride // 2) // stride * stride  # (SIDE,)
        filled = self._losses[np.ix_(near, near)]
        for row, column in ORDER[: self.computed]:
            filled[row, column] = self._losses[row, column]
        return filled

    def cut(self, along: int) -> tuple[Array, Array]:
        """Return the known points through the middle along direction 0 or 1: coordinates (k,) and losses (k,)."""
        points = [point for point in ORDER[: self.computed] if point[along] == MIDDLE]
        pairs = sorted((self.place(*point)[along], self._losses[point]) for point in points)
        places, losses = np.array(pairs, np.float64).reshape(-1, 2).T
        return places, losses
