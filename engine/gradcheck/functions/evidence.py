"""The comparison of one array of a user's gradient with differences; at a kink, with the one-sided derivatives."""

from dataclasses import dataclass

import numpy as np

from engine.arrays import AnyArray, Array
from engine.gradcheck.diagnosis import moved, only_some, wrong_factor
from engine.gradcheck.differences import Deviation, DifferenceLine, Slope, Surface, deviation
from engine.gradcheck.events import USUAL_TOLERANCE as TOLERANCE
from engine.gradcheck.evidence import NONE, SUSPICIOUS, Evidence
from engine.gradcheck.factors import constant_factor, explain_unknown_factor
from engine.gradcheck.functions.surface import FunctionSurface, Kink

MOST_CONFIRMED = 64
"""Errors of one array that are looked at closely; further ones are accepted without it."""


@dataclass
class FunctionEvidence(Evidence):
    """The measurements of one array; the sides of a kink are found by differences alone."""

    def _compare(
        self, surface: Surface, line: DifferenceLine, analytic: float, size: float, rounding: float
    ) -> tuple[Slope | None, Deviation]:
        slope = surface.slope(line)
        found = deviation(analytic, slope, size) if slope else Deviation(np.inf)
        if (
            found.error <= SUSPICIOUS
            or self.confirmed >= MOST_CONFIRMED
            or not isinstance(surface, FunctionSurface)
        ):
            return slope, found
        closer = surface.look_closely(line)
        if isinstance(closer, Kink):
            slope, found = _at_kink(analytic, closer, size)
        elif closer is None or slope is None or closer.improves_on(slope):
            slope, found = closer, deviation(analytic, closer, size) if closer else NONE
        self.confirmed += found.error > TOLERANCE
        return slope, found

    def diagnosis(self, surface: Surface, vector: Array) -> str:
        """Return the pattern of the error in words; "" if it matches none. `vector` holds the parameters, (n,)."""
        factor = wrong_factor(self)
        if factor is not None:
            return explain_unknown_factor(factor)
        words = only_some(self, ("row", "column") if len(self.tensor.shape) > 1 else ("entry", ""))
        return moved(self, surface) or self._missing_penalty(vector) or words

    def _missing_penalty(self, vector: Array) -> str:
        """Test for a term of weight decay: the error is a multiple of the parameter, or of its sign."""
        analytic, true = self.pairs
        values = vector[self.places]
        penalties: dict[str, AnyArray] = {
            self.tensor.name: values,
            f"sign({self.tensor.name})": np.sign(values),
        }
        for term, direction in penalties.items():
            share = constant_factor(true - analytic, direction) if len(values) > 2 else None
            if share:
                return f"a term {share:.4g} · {term} is missing: that of weight decay"
        return ""


def _at_kink(analytic: float, kink: Kink, size: float) -> tuple[Slope | None, Deviation]:
    """Return the one-sided slope nearest to `analytic` with the error; (None, NONE) for a value between the two."""
    sides = [side for side in kink if side]
    found, slope = min(
        ((deviation(analytic, side, size), side) for side in sides), key=lambda one: one[0].error
    )
    values = [side.value for side in sides]
    if found.error > TOLERANCE and min(values) <= analytic <= max(values):
        return None, NONE
    return slope, found


def has_float32_digits(values: AnyArray) -> bool:
    """True if all values are float32 numbers, three or more of them with many digits: float64 was rounded."""
    rounded = values.astype(np.float32).astype(np.float64)
    coarse = values.astype(np.float16).astype(
        np.float64
    )  # 0.5, 2 and the like have few digits in any precision
    return bool((rounded == values).all()) and int((coarse != values).sum()) >= 3
