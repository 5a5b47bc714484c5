"""The difference of two trainings step by step, compared with the growth of rounding errors."""

from collections.abc import Mapping

import msgspec
import numpy as np

from engine.arrays import Array

TOLERANCE = 1e-9
"""Largest relative difference of a tensor that passes; correct code stays below 1e-12 after 100 steps."""
FLOOR = 1e-6
"""Smallest size assumed for a tensor, so that the first rounding errors in biases that were 0 do not count."""
SAFETY = 1000.0
"""A difference up to this multiple of the perturbed training's drift is attributed to rounding."""


class GrowthPoint(msgspec.Struct, frozen=True):
    """The relative differences after a step, in the tensor where they are largest."""

    step: int
    difference: float
    """Between ours and PyTorch's."""
    rounding: float
    """Between ours and our own, perturbed by a few units of rounding at each step."""


class TensorDrift(msgspec.Struct):
    """One tensor over the training so far; changed only by `Drift`."""

    difference: float = 0.0
    """The largest |ours − PyTorch's| after the last step, over PyTorch's largest value in the tensor."""
    largest: float = 0.0
    """The largest difference so far."""
    rounding: float = 0.0
    """The largest difference of our perturbed training from ours so far."""
    first_bad_step: int | None = None
    """The first step with a difference beyond the tolerance and beyond rounding."""
    beyond_tolerance: bool = False
    """True if the difference ever exceeded the tolerance, explained or not."""


class Drift:
    """Follows the tensors of two trainings; owns their `TensorDrift`s.

    Args:
        sizes: number of elements of each tensor, by name; the vectors hold the tensors in this order.
    """

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self.tensors = {name: TensorDrift() for name in sizes}
        self.growth: list[GrowthPoint] = []
        self._starts = np.cumsum([0, *sizes.values()])[:-1]

    def add(self, step: int, ours: Array, theirs: Array, perturbed: Array | None) -> str | None:
        """Compare all tensors after `step` updates; return the worst that is wrong for the first time, or None.

        Args:
            step: counted from 1.
            ours: all parameters, (n_parameters,).
            theirs: PyTorch's, (n_parameters,).
            perturbed: our perturbed training's, (n_parameters,); None if it no longer measures rounding.
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
        """Return the largest differences after `step` updates."""
        rows = self.tensors.values()
        return GrowthPoint(step, max(row.difference for row in rows), max(row.rounding for row in rows))

    def _largest(self, one: Array, other: Array) -> Array:
        """Return the largest difference of each tensor over its largest value; infinite if one is not finite."""
        with np.errstate(all="ignore"):
            sizes = np.fmax(np.fmax.reduceat(np.abs(other), self._starts), FLOOR)
            largest: Array = np.maximum.reduceat(np.abs(one - other), self._starts) / sizes
        return np.where(np.isfinite(largest), largest, np.inf)


def _is_round(step: int) -> bool:
    """True for 1, 2, 5, 10, 20, 50, ..."""
    while step % 10 == 0:
        step //= 10
    return step in (1, 2, 5)
