"""How far two trainings are apart, step by step, and whether rounding alone explains it."""

from collections.abc import Mapping

import msgspec
import numpy as np

from engine.arrays import Array

TOLERANCE = 1e-9
"""Largest relative difference of a tensor that passes; right code stays below 1e-12 after 100 steps."""
FLOOR = 1e-6
"""A tensor counts as at least this large: the first rounding errors in biases that were 0 are no difference."""
SAFETY = 1000.0
"""How many times the drift of a training jolted by rounding may be put down to rounding."""


class GrowthPoint(msgspec.Struct, frozen=True):
    """How far apart the trainings are after a step, in the tensor where they are furthest."""

    step: int
    difference: float
    """Ours from PyTorch's."""
    rounding: float
    """Ours from our own, jolted by a few units of rounding at each step."""


class TensorDrift(msgspec.Struct):
    """One tensor over the training so far; changed by `Drift` alone."""

    difference: float = 0.0
    """The newest |ours − PyTorch's|, the largest, over PyTorch's largest value in the tensor."""
    largest: float = 0.0
    """The largest of them so far."""
    rounding: float = 0.0
    """The same of our jolted training against ours, the largest so far."""
    first_bad_step: int | None = None
    """The first step after which the difference was beyond the tolerance and beyond rounding."""
    beyond_tolerance: bool = False
    """Whether it ever left the tolerance, explained or not."""


class Drift:
    """Follows the tensors of two trainings; owns what is known of them.

    Args:
        sizes: elements of each tensor, by name; the vectors hold the tensors one after the other.
    """

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self.tensors = {name: TensorDrift() for name in sizes}
        self.growth: list[GrowthPoint] = []
        self._starts = np.cumsum([0, *sizes.values()])[:-1]

    def add(self, step: int, ours: Array, theirs: Array, perturbed: Array | None) -> str | None:
        """Compare all tensors after `step` updates; return the first that is now wrong for the first time.

        Args:
            ours: all parameters, (n_parameters,).
            theirs: the same of PyTorch.
            jolted: the same of our jolted training; None where that tells no more of rounding.
        """
        differences = self._largest(ours, theirs)
        roundings = np.zeros_like(differences) if perturbed is None else self._largest(perturbed, ours)
        bad: dict[str, float] = {}
        for (name, drift), difference, rounding in zip(
            self.tensors.items(), differences.tolist(), roundings.tolist(), strict=True
        ):
            if np.isfinite(rounding):
                drift.rounding = max(drift.rounding, rounding)
            drift.difference = difference
            drift.largest = max(drift.largest, difference)
            if difference > TOLERANCE:
                drift.beyond_tolerance = True
                if difference > SAFETY * drift.rounding and drift.first_bad_step is None:
                    drift.first_bad_step = step
                    bad[name] = difference
        if _is_round(step):
            self.growth.append(self.point(step))
        return max(bad, key=lambda name: bad[name]) if bad else None

    def point(self, step: int) -> GrowthPoint:
        """Return where the trainings stand after `step` updates."""
        rows = self.tensors.values()
        return GrowthPoint(step, max(row.difference for row in rows), max(row.rounding for row in rows))

    def _largest(self, one: Array, other: Array) -> Array:
        """The largest difference of each tensor over its largest value; infinite where one is not finite."""
        with np.errstate(all="ignore"):
            sizes = np.fmax(np.fmax.reduceat(np.abs(other), self._starts), FLOOR)
            largest: Array = np.maximum.reduceat(np.abs(one - other), self._starts) / sizes
        return np.where(np.isfinite(largest), largest, np.inf)


def _is_round(step: int) -> bool:
    """1, 2, 5, 10, 20, 50, ..."""
    while step % 10 == 0:
        step //= 10
    return step in (1, 2, 5)
