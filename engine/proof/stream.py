"""The gradient check as a stream of events, printed by `nnterm check --json` and read by the Gradients screen.

The rows of the finite differences come first; then PyTorch is imported, which takes two seconds, and the rows come
again with all three values.
"""

import contextlib
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import replace

import msgspec
import numpy as np

from engine.arrays import AnyArray, Array
from engine.data import Data
from engine.experiment.experiment import Experiment
from engine.gradcheck.batch import pick_batch
from engine.gradcheck.checker import Progress, architecture_of, checking
from engine.gradcheck.events import (
    DIFFERENCES,
    IMPORTING,
    PROGRESS_EVERY_S,
    PYTORCH,
    CheckEvent,
    CheckFinished,
    CheckProgress,
    CheckStarted,
    TensorShape,
    Worst,
)
from engine.gradcheck.heat import heat_maps
from engine.gradcheck.planted import planted, possible
from engine.gradcheck.report import ANALYTIC, Report
from engine.nn.network import Network
from engine.proof.merge import merge
from engine.training.network_check import refuse_other_data

TORCH_STEPS = 2
"""Steps of the progress for importing PyTorch and for comparing with it."""
BURN_IN_STEP = 0.01
"""Learning rate of the steps before a check."""


class CheckOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a check."""

    device: str = "auto"
    """PyTorch's device: auto, cpu, cuda, cuda:1, mps, xpu."""
    dtype: str = "auto"
    """The dtype of the comparison with PyTorch; finite differences are always taken in float64."""
    samples: int = 32
    """Samples of the training split, cycling through the classes."""
    seed: int = 0
    burn_in: int = 0
    """Plain gradient steps before the check, on a copy."""
    budget_s: float = 2.0
    """Time for the finite differences, seconds."""
    torch: bool = True
    """True to compare with PyTorch as well."""
    step: int | None = None
    """Updates that the network has had, for the report; None: not known."""
    plant: str = ""
    """Name of a bug to plant in the network during the check, a demonstration; see `engine.gradcheck.planted`."""


def check(
    subject: Experiment | Network, data: Data, options: CheckOptions | None = None
) -> Iterator[CheckEvent]:
    """Check the gradients of an experiment's network at its initialisation, or of a given network.

    Args:
        subject: a network must not be used elsewhere until the stream ends or is closed; it is then unchanged.
        data: the batch is drawn from its training split.
        options: batch, device, time.

    Raises:
        DeviceError: the requested device is missing. (A missing PyTorch is not an error, but noted.)
        DataError: the data do not fit the network.
    """
    start_s = time.perf_counter()
    options = options or CheckOptions()
    x, y = pick_batch(data.train, options.samples, np.random.default_rng(options.seed))
    network = subject if isinstance(subject, Network) else Network.of(subject, data)
    refuse_other_data(network, data)
    if options.burn_in:
        network = _burnt_in(network, x, y, options.burn_in)
    with contextlib.ExitStack() as stack:
        words, notes = "", tuple[str, ...]()
        if options.plant:
            bug, part = stack.enter_context(planted(network, options.plant))
            words = f"{bug.title}, in {part}"
            notes = (f"demonstration, planted bug: {bug.wrong}  instead of  {bug.right}", bug.reading)
        report, planned = yield from _differences(network, x, y, options, words)
        report = replace(report, notes=(*notes, *report.notes))
        if options.torch and ANALYTIC in report.gradients:
            report = yield from _torch(network, x, y, report, planned, options)
        yield _finished(replace(report, seconds=time.perf_counter() - start_s))


def _burnt_in(network: Network, x: Array, y: AnyArray, steps: int) -> Network:
    network = network.copy("float64")
    for _ in range(steps):
        network.loss_and_gradient(x, y)
        network.theta -= BURN_IN_STEP * network.grad
    return network


def _differences(
    network: Network, x: Array, y: AnyArray, options: CheckOptions, words: str
) -> Generator[CheckEvent, None, tuple[Report, int]]:
    """Return the report and the number of planned checks, including PyTorch's."""
    reports: list[Report] = []
    last_s, total = 0.0, 0
    checks = checking(network, x, y, budget_s=options.budget_s, seed=options.seed)
    with closing(_keeping(checks, reports)) as steps:
        for done, planned in steps:
            if not total:
                total = planned + TORCH_STEPS * options.torch
                yield _started(network, len(x), total, options, words)
            elif time.perf_counter() - last_s >= PROGRESS_EVERY_S:
                last_s = time.perf_counter()
                yield CheckProgress(done=done, total=total, phase=DIFFERENCES)
    yield from reports[0].rows
    yield from heat_maps(reports[0])
    return reports[0], total


def _keeping(
    steps: Generator[Progress, None, Report], reports: list[Report]
) -> Generator[Progress, None, None]:
    """Yield the same steps, and append their return value to `reports`."""
    reports.append((yield from steps))


def _torch(
    network: Network, x: Array, y: AnyArray, report: Report, total: int, options: CheckOptions
) -> Generator[CheckEvent, None, Report]:
    """Import PyTorch and compare; if it is missing or has no counterpart, return the report with a note."""
    from engine.torch.library import NoTwinError, load_torch
    from engine.torch.verify import verify_with_torch

    yield CheckProgress(done=total - TORCH_STEPS, total=total, phase=IMPORTING)
    try:
        load_torch()
        yield CheckProgress(done=total - 1, total=total, phase=PYTORCH)
        report = merge(report, verify_with_torch(network, x, y, options.device, options.dtype))
    except NoTwinError as error:
        return replace(
            report, notes=(*report.notes, f"not compared with PyTorch: {error.message}; {error.hint}")
        )
    yield CheckProgress(done=total, total=total, phase=PYTORCH)
    yield from report.rows
    yield from heat_maps(report)
    return report


def _started(network: Network, samples: int, checks: int, options: CheckOptions, words: str) -> CheckStarted:
    return CheckStarted(
        architecture=architecture_of(network),
        n_parameters=len(network.theta),
        parameters=tuple(TensorShape(name, view.shape) for name, view, _ in network.parameters()),
        checks=checks,
        samples=samples,
        device=options.device,
        dtype=options.dtype,
        step=options.step,
        planted=words,
        plants=possible(network),
    )


def _finished(report: Report) -> CheckFinished:
    worst = report.worst
    return CheckFinished(
        worst=Worst(worst.name, worst.index, worst.relative_error),
        **{name: getattr(report, name) for name in CheckFinished.__struct_fields__ if name != "worst"},
    )
