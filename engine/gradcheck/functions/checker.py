"""The gradient check of any function: the user's gradient against finite differences of the user's loss."""

import itertools
import math
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import msgspec
import numpy as np
from threadpoolctl import threadpool_limits

from engine.arrays import Array
from engine.gradcheck.analytic import SAME, norm_ratio
from engine.gradcheck.comparison import row_of
from engine.gradcheck.differences import NOISE_BAR, STEP, TRUSTED_DIGITS
from engine.gradcheck.events import USUAL_TOLERANCE as TOLERANCE
from engine.gradcheck.events import ParameterReport
from engine.gradcheck.evidence import ALL_UP_TO, DIRECTIONS, SUSPICIOUS, choose_places
from engine.gradcheck.finite import not_finite_rows
from engine.gradcheck.functions.evidence import FunctionEvidence, has_float32_digits
from engine.gradcheck.functions.own import GRADIENT, LOSS, OwnFunctionError, OwnFunctions
from engine.gradcheck.functions.parameters import Parameters
from engine.gradcheck.functions.surface import FunctionSurface
from engine.gradcheck.report import ANALYTIC, Fault, Report
from engine.gradcheck.tensors import Tensor, gradients_by_name

Check = Callable[[], None]
TOO_NOISY, LEAST_NOISE = 1e-9, 1e-14
"""Noise of the loss, relative and absolute, beyond which differences verify nothing: that of float32 is 6e-8."""


def check_function(
    loss: Callable[..., Any],
    gradient: Callable[..., Any],
    w: Any,
    *,
    names: Sequence[str] | None = None,
    budget_s: float = 5.0,
    seed: int = 0,
    progress: Callable[[int, int], object] | None = None,
) -> Report:
    """Compare a function's gradient, as you have written it, with central finite differences of the function.

    With up to 4,000 values every one is checked; of more, a sample of each array, and random directions over each array
    and over all of them, which cover every value. At a kink, as of ReLU at 0, a gradient passes that is a one-sided
    derivative or lies between the two. Both functions are called twice at the same point, and in between at another, so
    that a buffer that is not zeroed and random numbers are found. Each call gets arrays of its own.

    Args:
        loss: takes what `w` is and returns one number, computed in float64.
        gradient: takes the same and returns dloss/dw in the form and the shapes of `w`.
        w: the point: an array, a dict name → array, or a list of arrays; float32 is converted to float64.
        names: of the arrays in a list, or of the array, for the report.
        budget_s: time for the differences; every array is checked at least once, and skipped checks are noted.
        seed: of the sample and the directions.
        progress: called with (checks done, checks planned); an exception raised by it ends the check.

    Returns:
        The report. `passed` is false also if a function raises, changes `w`, or returns another shape, a NaN or another
        value for the same `w`; `problems` says which.

    Raises:
        DataError: `w` holds no real, finite numbers, or `names` does not fit.
    """
    start_s = time.perf_counter()
    parameters = Parameters.of(w, names)
    check = _FunctionCheck(OwnFunctions(loss, gradient, parameters), parameters, seed)
    with threadpool_limits(1, user_api="blas"):
        try:
            for done, planned in check.run(start_s + budget_s):
                if progress is not None:
                    progress(done, planned)
        except OwnFunctionError as error:
            check.faults.append(error.fault)
    return check.report(time.perf_counter() - start_s)


class _FunctionCheck:
    """One check; collects the findings for `report`."""

    def __init__(self, functions: OwnFunctions, parameters: Parameters, seed: int) -> None:
        self._functions, self._parameters = functions, parameters
        self._rng = np.random.default_rng(seed)
        self._vector = parameters.start.copy()
        self._gradient: Array | None = None
        self._rows: dict[str, ParameterReport] = {}
        self._evidence: list[FunctionEvidence] = []
        self._whole: FunctionEvidence | None = None
        self._notes = [parameters.note] if parameters.note else []
        self._blind_spots: list[str] = []
        self.faults: list[Fault] = []

    def run(self, deadline_s: float) -> Iterator[tuple[int, int]]:
        """Do all checks until the deadline, yielding (done, planned) after each."""
        value = self._repeat_loss()
        if not math.isfinite(value):
            self.faults.append(Fault(LOSS, f"loss(w) is {value}"))
        if self.faults:
            return
        self._gradient = self._repeat_gradient()
        self._rows |= _wrong_rows(self._parameters.tensors, self._functions.wrong)
        finite = not_finite_rows(
            [one for one in self._parameters.tensors if one.name not in self._rows], self._gradient
        )
        self._rows |= finite
        surface = FunctionSurface(self._functions.loss, self._vector)
        if self._is_too_noisy(surface):
            return
        checks, n_first = self._plan(surface, self._gradient)
        for done, check in enumerate(checks):
            if done >= n_first and time.perf_counter() > deadline_s:
                self._notes.append(f"the time budget ended after {done:,} of {len(checks):,} differences")
                break
            check()
            yield done + 1, len(checks)
        self._rows |= {one.tensor.name: self._row(one, surface) for one in self._evidence}
        self._blind_spots += self._lost(surface)

    def report(self, seconds: float) -> Report:
        """Return the findings."""
        tensors, whole = self._parameters.tensors, self._whole
        if whole is not None and whole.wrong and not any(one.wrong for one in self._evidence):
            text = f"along a random direction over all of w the gradient is off by {whole.along.error:.1e}"
            self.faults.append(Fault(GRADIENT, text))
        gradients = {} if self._gradient is None else {ANALYTIC: gradients_by_name(tensors, self._gradient)}
        rows = [
            self._rows.get(one.name) or ParameterReport(name=one.name, shape=one.shape) for one in tensors
        ]
        return Report(
            parameters={row.name: row for row in rows},
            faults=(*self.faults, *self._functions.faults),
            n_parameters=len(self._vector),
            directions_over_all=whole.directions if whole else 0,
            blind_spots=tuple(self._blind_spots),
            notes=tuple(self._notes),
            seconds=seconds,
            gradients=gradients,
            differences={one.tensor.name: one.map_of_errors for one in self._evidence},
        )

    def _repeat_loss(self) -> float:
        """Return the loss, called again after a call at another point."""
        first = self._functions.loss(self._vector)
        self._functions.loss(self._elsewhere)
        again = self._functions.loss(self._vector)
        if not (math.isclose(first, again, rel_tol=1e-12) or first == again or math.isnan(first)):
            text = f"loss(w) gives {first:.10g} and then {again:.10g} for the same w: are random numbers drawn in it?"
            self.faults.append(Fault(LOSS, text))
        return first

    def _repeat_gradient(self) -> Array:
        """Return the gradient, called again after a call at another point."""
        functions = self._functions
        first = functions.gradient(self._vector)
        kept = [np.array(one) for one in functions.latest]
        returned = functions.latest
        elsewhere = functions.gradient(self._elsewhere)
        overwritten = any(not _equal(one, other) for one, other in zip(returned, kept, strict=True))
        again = functions.gradient(self._vector)
        one, other, elsewhere = (np.where(np.isfinite(g), g, 0) for g in (first, again, elsewhere))
        if norm_ratio(one, other) > SAME:
            adds = overwritten or norm_ratio(2 * one + elsewhere, other) <= SAME
            why = "its array is not zeroed between two calls" if adds else "are random numbers drawn in it?"
            text = f"a second call of gradient(w) with the same w gives another gradient: {why}"
            self.faults.append(Fault(GRADIENT, text))
        elif overwritten:
            self._notes.append(
                "gradient(w) returns the same array each time: the next call overwrites the last result"
            )
        return first

    @property
    def _elsewhere(self) -> Array:
        start = self._parameters.start
        return 0.7 * start + 0.01 * np.random.default_rng(0).standard_normal(len(start))

    def _is_too_noisy(self, surface: FunctionSurface) -> bool:
        """Add a fault if the loss is rounded so much that differences verify nothing."""
        share = surface.noise / max(abs(surface.loss), LEAST_NOISE)
        is_noisy = surface.noise > LEAST_NOISE and share > TOO_NOISY
        if not is_noisy and not surface.is_staircase():
            return False
        text = (
            "loss(w) is rounded as in float32, and differences need float64: convert the data with "
            "x.astype(np.float64), and cast to float32 nowhere"
        )
        self.faults.append(Fault(LOSS, text))
        return True

    def _plan(self, surface: FunctionSurface, gradient: Array) -> tuple[list[Check], int]:
        """Return the checks, directions first, and how many are one of each array."""
        good = [one for one in self._parameters.tensors if self._is_comparable(one, gradient)]
        self._evidence = [FunctionEvidence(tensor, gradient) for tensor in good]
        is_large = len(gradient) > ALL_UP_TO
        rounds: list[list[Check]] = []
        if is_large:
            over = [partial(one.check_direction, surface, self._rng) for one in self._evidence]
            if len(good) == len(self._parameters.tensors):
                everything = Tensor("all of w", np.arange(len(gradient)))
                self._whole = FunctionEvidence(everything, gradient)
                over.append(partial(self._whole.check_direction, surface, self._rng))
            rounds = [list(over)] * DIRECTIONS
        turns = [
            [
                partial(one.check_coordinate, surface, at)
                for at in choose_places(one.tensor, gradient, is_large, self._rng)
            ]
            for one in self._evidence
        ]
        single = ([check for check in one if check is not None] for one in itertools.zip_longest(*turns))
        rounds += single
        return [check for one in rounds for check in one], len(rounds[0]) if rounds else 0

    def _coordinates(
        self, one: FunctionEvidence, surface: FunctionSurface, is_large: bool
    ) -> Iterator[Check]:
        for place in choose_places(one.tensor, one.analytic, is_large, self._rng):
            yield partial(one.check_coordinate, surface, place)

    def _is_comparable(self, tensor: Tensor, gradient: Array) -> bool:
        """True if the gradient for `tensor` has its shape and is finite; one of float32 is compared as well."""
        return bool(np.isfinite(gradient[tensor.places]).all())

    def _row(self, one: FunctionEvidence, surface: FunctionSurface) -> ParameterReport:
        """Return the row of an array, with the pattern of its error."""
        known = self._functions.wrong.get(one.tensor.name, "")
        pattern = one.diagnosis(surface, self._vector) if one.wrong else ""
        rounded = max(one.errors, default=0.0) > SUSPICIOUS and has_float32_digits(one.pairs[0])
        if rounded and not pattern and not known:
            known = "its gradient is rounded to the digits of float32: compute it in float64"
        row = row_of(one, known or pattern)
        return msgspec.structs.replace(row, verdict="wrong") if known else row

    def _lost(self, surface: FunctionSurface) -> Iterator[str]:
        """Yield the arrays whose gradient is below what the loss's rounding lets differences resolve."""
        smallest = NOISE_BAR * surface.noise / STEP * TRUSTED_DIGITS * TOLERANCE / 2
        largest = {one.tensor.name: np.abs(one.analytic[one.tensor.places]).max() for one in self._evidence}
        lost = [name for name, value in largest.items() if value <= smallest]
        if lost:
            yield f"{', '.join(lost)}: gradients below {smallest:.0e} are below the rounding error of the loss"


def _wrong_rows(tensors: list[Tensor], wrong: dict[str, str]) -> dict[str, ParameterReport]:
    """Return a row for each array of which all is wrong: its shape or its dtype."""
    return {
        one.name: ParameterReport(
            name=one.name,
            shape=one.shape,
            verdict="wrong",
            largest_relative_error=None,
            diagnosis=wrong[one.name],
        )
        for one in tensors
        if one.name in wrong
    }


def _equal(one: Any, other: Any) -> bool:
    return bool(np.array_equal(one, other, equal_nan=np.asarray(other).dtype.kind in "fc"))
