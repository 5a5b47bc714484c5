"""The gradient check: analytic gradients against finite differences in float64, tensor by tensor."""

import math
import time
from collections.abc import Callable, Generator, Iterator

import numpy as np
from threadpoolctl import threadpool_limits

from engine.arrays import AnyArray, Array
from engine.gradcheck.analytic import Analytic, repetition_faults, take_gradients
from engine.gradcheck.borrow import borrowed
from engine.gradcheck.comparison import Check, Comparison
from engine.gradcheck.finite import fault_in_loss, faults_in_input, not_finite_rows
from engine.gradcheck.layout import Tensor, gradients_by_name, tensors_of
from engine.gradcheck.report import ANALYTIC, INPUT, NETWORK, Fault, ParameterReport, Report
from engine.gradcheck.stages import CODE_ERRORS, find_faults
from engine.numpy_network import Network

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

    Every coordinate of a network up to 4,000 parameters; of a larger one a sample of every tensor, and random
    directions over each tensor and over all of them, which see every coordinate. The loss, each activation
    and each layer are also checked by themselves, so that a fault is told from what it causes elsewhere.

    Args:
        network: stays as it is, bit for bit; must not be trained while the check works with it.
        x: (m, *input_shape) or (m, n_features).
        y: (m,) classes or (m, n_outputs) values.
        budget_s: time for the differences; every tensor is checked at least once, what was left out is noted.
        seed: of the sample and the directions.
        progress: called with (checks done, checks planned); what it raises ends the check.

    Returns:
        The report; `passed` is false for any gradient that is wrong or not finite. A kink fails nothing.

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
    """As `check_gradients`, step by step; closing the generator cancels it and gives the network back."""
    start_s = time.perf_counter()
    with threadpool_limits(1, user_api="blas"), borrowed(network) as lent:
        check = _Check(lent, x, y, seed, budget_s)
        yield from check.run()
        return check.report(time.perf_counter() - start_s)


class _Check:
    """One check of a borrowed network; collects what it finds until `report`."""

    def __init__(self, network: Network, x: AnyArray, y: AnyArray, seed: int, budget_s: float) -> None:
        self._network, self._seed, self._budget_s = network, seed, budget_s
        self._x = network.as_rows(x)[:, :-1].copy()  # (m, n_features), our own: the check moves it
        self._targets = np.array(network.encode(y))  # (m, n_outputs)
        self._tensors = tensors_of(network)
        self._rows: dict[str, ParameterReport] = {}
        self._faults: list[Fault] = []
        self._notes: list[str] = []
        self._blind_spots: list[str] = []
        self._directions_over_all = 0
        self._gradients: dict[str, dict[str, Array]] = {}

    def run(self) -> Iterator[Progress]:
        """Do all checks, telling after each how many are done."""
        self._faults += faults_in_input(self._network, self._x, self._targets, self._tensors)
        self._rows |= not_finite_rows(self._tensors, self._network.theta)
        analytic = None if self._faults else self._measure()
        if analytic is None:
            yield 0, 0
            return
        self._gradients = {ANALYTIC: gradients_by_name(self._tensors, analytic.gradient)}
        if self._rows or self._faults:
            yield 0, 0
            return
        comparison = Comparison(self._network, self._x, self._targets, self._tensors, analytic, self._seed)
        plan = comparison.plan()
        planned = len(plan) + len(self._network.layers) + 1
        yield 0, planned
        yield from self._check_parts(planned)
        self._faults += repetition_faults(self._network, self._x, self._targets, analytic)
        yield from self._run_plan(plan, comparison.n_in_first_round, planned)
        self._rows |= comparison.rows()
        self._faults += comparison.faults()
        self._blind_spots += comparison.blind_spots()
        self._directions_over_all = comparison.directions_over_all
        yield planned, planned

    def report(self, seconds: float) -> Report:
        """Return what was found."""
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
            blind_spots=tuple(self._blind_spots),
            notes=tuple(self._notes),
            seconds=seconds,
            gradients=self._gradients,
        )

    def _measure(self) -> Analytic | None:
        """Take the analytic gradients; None where the network's code raises."""
        try:
            analytic = take_gradients(self._network, self._x, self._targets)
        except CODE_ERRORS as error:
            self._faults += [fault for fault in find_faults(self._network, self._seed) if fault]
            self._faults.append(Fault(NETWORK, f"loss_and_gradient raised {type(error).__name__}: {error}"))
            return None
        self._rows |= not_finite_rows(self._tensors, analytic.gradient)
        if not math.isfinite(analytic.loss):
            self._faults.append(fault_in_loss(self._network, self._x, analytic.loss))
        return analytic

    def _check_parts(self, planned: int) -> Iterator[Progress]:
        for done, fault in enumerate(find_faults(self._network, self._seed), 1):
            self._faults += [fault] if fault else []
            yield done, planned

    def _run_plan(self, plan: list[Check], first_round: int, planned: int) -> Iterator[Progress]:
        """Do the plan until the time is up, but one check of every tensor in any case."""
        before = planned - len(plan)
        deadline_s = time.perf_counter() + self._budget_s
        for done, check in enumerate(plan):
            if done >= first_round and time.perf_counter() > deadline_s:
                self._notes.append(f"the time budget ended after {done:,} of {len(plan):,} differences")
                return
            check()
            yield before + done + 1, planned


def _unchecked(tensor: Tensor) -> ParameterReport:
    return ParameterReport(name=tensor.name, shape=tensor.shape)


def architecture_of(network: Network) -> str:
    """Return the sizes as `784-128-64-10`."""
    return "-".join(map(str, [network.n_features, *(layer.n_out for layer in network.layers)]))
