"""The gradient check: analytic gradients against finite differences in float64, tensor by tensor."""

import math
import time
from collections.abc import Callable, Generator, Iterator
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace
from threadpoolctl import threadpool_limits

from engine.arrays import AnyArray, Array
from engine.gradcheck.analytic import Analytic, repetition_faults, take_gradients
from engine.gradcheck.comparison import Check, GradientComparison
from engine.gradcheck.events import ParameterReport
from engine.gradcheck.finite import fault_in_loss, faults_in_input, not_finite_rows, overflow
from engine.gradcheck.float32_parts import float32_faults
from engine.gradcheck.heat import join_errors
from engine.gradcheck.in_float64 import in_float64
from engine.gradcheck.mask_statistics import mask_faults
from engine.gradcheck.modes import in_mode, join_rows, key_of, mode_faults, modes_of
from engine.gradcheck.raised import fault_of
from engine.gradcheck.report import ANALYTIC, BUDGET_ENDED, INPUT, NETWORK, Fault, Report
from engine.gradcheck.stages import find_faults
from engine.gradcheck.tensors import Tensor, gradients_by_name, tensors_of
from engine.nn.network import Network

Progress = tuple[int, int]
"""Checks done, checks planned."""


def check_gradients(
    network: Network,
    x: AnyArray,
    y: AnyArray,
    *,
    budget_s: float = 5.0,
    seed: int = 0,
    progress: Callable[[int, int], object] | None = None,
) -> Report:
    """Compare the network's own gradient with central finite differences of its loss, in float64.

    With up to 4,000 parameters every coordinate is checked; in a larger network a sample of each tensor, plus
    random directions over each tensor and over all of them, which cover every coordinate. The loss, each
    activation and each layer are also checked alone, which separates a fault from its effects elsewhere.

    Where training and evaluation differ, both modes are checked, each with half of the time: training mode with
    dropout's masks fixed and each batch normalised by its own statistics, and evaluation mode.

    Args:
        network: unchanged afterwards, bit for bit; must not be trained during the check.
        x: (m, *input_shape) or (m, n_features).
        y: (m,) classes or (m, n_outputs) values.
        budget_s: time for the differences; every tensor is checked at least once, and skipped checks are noted.
        seed: of the sample and the directions.
        progress: called with (checks done, checks planned); an exception raised by it ends the check.

    Returns:
        The report; `passed` is false for any gradient that is wrong or not finite. A kink does not fail the check.

    Raises:
        DataError: x or y does not fit the network.
    """
    check = checking(network, x, y, budget_s=budget_s, seed=seed)
    try:
        while True:
            done, planned = next(check)
            if progress is not None:
                progress(done, planned)
    except StopIteration as end:
        report: Report = end.value
        return report
    finally:
        check.close()


def checking(
    network: Network, x: AnyArray, y: AnyArray, *, budget_s: float = 5.0, seed: int = 0
) -> Generator[Progress, None, Report]:
    """Do what `check_gradients` does, step by step; closing the generator cancels it and restores the network."""
    start_s = time.perf_counter()
    with threadpool_limits(1, user_api="blas"):
        with in_float64(network) as borrowed:
            check = _Check(borrowed, x, y, seed, budget_s)
            yield from check.run()
        check.look_at_float32()
        return check.report(time.perf_counter() - start_s)


class _Check:
    """One check of a borrowed network; collects the findings for `report`."""

    def __init__(self, network: Network, x: AnyArray, y: AnyArray, seed: int, budget_s: float) -> None:
        self._network, self._seed, self._budget_s = network, seed, budget_s
        self._x = network.as_rows(x)[:, :-1].copy()  # (m, n_features), a copy: the check moves it
        self._targets = np.array(network.encode(y))  # (m, n_outputs)
        self._tensors = tensors_of(network)
        self._rows: dict[str, ParameterReport] = {}
        self._faults: list[Fault] = []
        self._notes: list[str] = []
        self._blind_spots: list[str] = []
        self._directions_over_all = 0
        self._gradients: dict[str, dict[str, Array]] = {}
        self._differences: dict[str, Array] = {}
        self._modes = modes_of(network)

    def run(self) -> Iterator[Progress]:
        """Do all checks, yielding (done, planned) after each; an exception of the network's code is a fault."""
        planned = (0, 0)
        try:
            for planned in self._checks():
                yield planned
        except Exception as error:  # in a call after the first, or at another point
            self._add_raised(error)
            yield planned

    def _add_raised(self, error: Exception) -> None:
        """Add the faults of the parts alone, and that of an exception if it names another one."""
        found = [fault for fault in find_faults(self._network, self._seed) if fault]
        raised = fault_of(error, self._network)
        known = {fault.culprit for fault in (*self._faults, *found)}
        self._faults += [fault for fault in found if fault not in self._faults]
        self._faults += [raised] if raised.culprit == NETWORK or raised.culprit not in known else []

    def _checks(self) -> Iterator[Progress]:
        self._faults += faults_in_input(self._network, self._x, self._targets, self._tensors)
        self._rows |= not_finite_rows(self._tensors, self._network.theta)
        passes = [] if self._faults else [one for mode in self._modes if (one := self._begin(mode))]
        if self._rows or self._faults or not passes:
            yield 0, 0
            return
        done = len(self._network.layers) + 1
        planned = done + sum(len(one.plan) for one in passes)
        yield 0, planned
        yield from self._check_parts(planned)
        culprits = {fault.culprit for fault in self._faults}
        self._faults += [fault for fault in mask_faults(self._network) if fault.culprit not in culprits]
        self._faults += mode_faults(self._network, self._x, self._targets)
        for one in passes:
            with in_mode(self._network, one.mode):
                self._faults += repetition_faults(self._network, self._x, self._targets, one.analytic)
                yield from ((done + more, planned) for more in self._run_plan(one))
            done += len(one.plan)
            self._take_from(one)
        yield planned, planned

    def _begin(self, mode: str) -> "_Pass | None":
        """Take the gradients in one mode; None if they cannot be compared."""
        with in_mode(self._network, mode):
            analytic = self._measure()
            if analytic is None:
                return None
            self._gradients[key_of(ANALYTIC, mode)] = gradients_by_name(self._tensors, analytic.gradient)
            if self._rows or self._faults:
                return None
            comparison = GradientComparison(
                self._network, self._x, self._targets, self._tensors, analytic, self._seed
            )
            return _Pass(mode, analytic, comparison, comparison.plan())

    def _take_from(self, one: "_Pass") -> None:
        """Add the findings of one mode."""
        with in_mode(self._network, one.mode):
            rows, spots = one.comparison.rows(), one.comparison.blind_spots()
        self._rows = join_rows(self._rows, {name: replace(row, mode=one.mode) for name, row in rows.items()})
        self._differences = join_errors(self._differences, one.comparison.errors())
        where = f" in {one.mode} mode" if one.mode else ""
        self._faults += [Fault(fault.culprit, fault.message + where) for fault in one.comparison.faults()]
        known = {spot.removesuffix(f" ({mode} mode)") for spot in self._blind_spots for mode in self._modes}
        suffix = f" ({one.mode} mode)" if one.mode else ""
        self._blind_spots += [spot + suffix for spot in spots if spot not in known]
        self._directions_over_all = one.comparison.directions_over_all

    def look_at_float32(self) -> None:
        """Compare the network, which is given back, in float32 if it trains in it; not if it is wrong in float64."""
        if self._faults or any(row.failed for row in self._rows.values()):
            return
        try:
            self._faults += float32_faults(self._network, self._x, self._targets, self._seed)
        except Exception as error:
            self._faults.append(fault_of(error, self._network))

    def report(self, seconds: float) -> Report:
        """Return the findings."""
        return Report(
            parameters={
                tensor.name: self._rows.get(tensor.name) or _unchecked(tensor) for tensor in self._tensors
            },
            input=self._rows.get(INPUT),
            faults=tuple(self._faults),
            architecture=architecture_of(self._network),
            n_parameters=len(self._network.theta),
            samples=len(self._x),
            directions_over_all=self._directions_over_all,
            modes=tuple(mode for mode in self._modes if mode),
            blind_spots=tuple(self._blind_spots),
            notes=tuple(self._notes),
            seconds=seconds,
            gradients=self._gradients,
            differences=self._differences,
        )

    def _measure(self) -> Analytic | None:
        """Take the analytic gradients; None if the network's code raises."""
        try:
            analytic = take_gradients(self._network, self._x, self._targets)
        except Exception as error:
            self._add_raised(error)
            return None
        self._rows |= not_finite_rows(self._tensors, analytic.gradient)
        if not math.isfinite(analytic.loss):
            self._faults.append(fault_in_loss(self._network, self._x, analytic.loss))
        elif self._rows and (fault := overflow(self._network, self._x)):
            self._faults.append(fault)
        return analytic

    def _check_parts(self, planned: int) -> Iterator[Progress]:
        for done, fault in enumerate(find_faults(self._network, self._seed), 1):
            self._faults += [fault] if fault else []
            yield done, planned

    def _run_plan(self, one: "_Pass") -> Iterator[int]:
        """Do a plan until the time is up, but at least one check of every tensor; yield the number done."""
        deadline_s = time.perf_counter() + self._budget_s / len(self._modes)
        for done, check in enumerate(one.plan):
            if done >= one.comparison.n_in_first_round and time.perf_counter() > deadline_s:
                where = f" in {one.mode} mode" if one.mode else ""
                self._notes.append(f"{BUDGET_ENDED} after {done:,} of {len(one.plan):,} differences{where}")
                return
            check()
            yield done + 1


class _Pass(NamedTuple):
    """The check in one mode."""

    mode: str
    analytic: Analytic
    comparison: GradientComparison
    plan: list[Check]


def _unchecked(tensor: Tensor) -> ParameterReport:
    return ParameterReport(name=tensor.name, shape=tensor.shape)


def architecture_of(network: Network) -> str:
    """Return the layer sizes, `784-128-64-10`."""
    return f"{network.n_features}-{network.spec.outline}"
