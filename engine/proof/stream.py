"""The check as a stream of events: what `nnterm check --json` prints and the Gradients screen reads.

First the finite differences, whose rows come as soon as they are there; then PyTorch, which takes two seconds
to import, and the rows once more with all three values.
"""

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
from engine.gradcheck.report import ANALYTIC, Report
from engine.nn.network import Network
from engine.proof.merge import merge

TORCH_STEPS = 2
"""Steps that importing PyTorch and comparing with it count for in the progress."""
BURN_IN_STEP = 0.01
"""Learning rate of the steps before a check."""


class CheckOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a check is made."""

    device: str = "auto"
    """Of PyTorch: auto, cpu, cuda, cuda:1, mps, xpu."""
    dtype: str = "auto"
    """Of the comparison with PyTorch; finite differences are always taken in float64."""
    samples: int = 32
    """Taken of the training split, all classes in turn."""
    seed: int = 0
    burn_in: int = 0
    """Plain gradient steps before the check, on a copy."""
    budget_s: float = 2.0
    """Time for the finite differences."""
    torch: bool = True
    """Whether PyTorch is asked as well."""


def check(
    subject: Experiment | Network, data: Data, options: CheckOptions | None = None
) -> Iterator[CheckEvent]:
    """Check the gradients of an experiment's network at its initialisation, or of a network as it is.

    Args:
        subject: a network belongs to the check until the stream ends or is closed; it then is as it was.
        data: where the batch is taken from.
        options: batch, device, time.

    Raises:
        DeviceError: the device asked for is not there. (No PyTorch at all is no error, but a note.)
        DataError: the data do not fit the network.
    """
    start_s = time.perf_counter()
    options = options or CheckOptions()
    x, y = pick_batch(data.train, options.samples, np.random.default_rng(options.seed))
    network = _network_of(subject, data)
    if options.burn_in:
        network = _burnt_in(network, x, y, options.burn_in)
    report, planned = yield from _differences(network, x, y, options)
    if options.torch and ANALYTIC in report.gradients:
        report = yield from _torch(network, x, y, report, planned, options)
    yield _finished(replace(report, seconds=time.perf_counter() - start_s))


def _network_of(subject: Experiment | Network, data: Data) -> Network:
    if isinstance(subject, Network):
        return subject
    return Network.of(subject, data)


def _burnt_in(network: Network, x: Array, y: AnyArray, steps: int) -> Network:
    network = network.copy("float64")
    for _ in range(steps):
        network.loss_and_gradient(x, y)
        network.theta -= BURN_IN_STEP * network.grad
    return network


def _differences(
    network: Network, x: Array, y: AnyArray, options: CheckOptions
) -> Generator[CheckEvent, None, tuple[Report, int]]:
    """Return the report and the number of checks planned, those of PyTorch included."""
    reports: list[Report] = []
    last_s, total = 0.0, 0
    checks = checking(network, x, y, budget_s=options.budget_s, seed=options.seed)
    with closing(_keeping(checks, reports)) as steps:
        for done, planned in steps:
            if not total:
                total = planned + TORCH_STEPS * options.torch
                yield _started(network, len(x), total, options)
            elif time.perf_counter() - last_s >= PROGRESS_EVERY_S:
                last_s = time.perf_counter()
                yield CheckProgress(done=done, total=total, phase=DIFFERENCES)
    yield from reports[0].rows
    yield from heat_maps(reports[0])
    return reports[0], total


def _keeping(
    steps: Generator[Progress, None, Report], reports: list[Report]
) -> Generator[Progress, None, None]:
    """The same steps; what they return goes into `reports`."""
    reports.append((yield from steps))


def _torch(
    network: Network, x: Array, y: AnyArray, report: Report, total: int, options: CheckOptions
) -> Generator[CheckEvent, None, Report]:
    """Import PyTorch and compare; where it is missing or has no counterpart, say so and leave the report."""
    from engine.torch.library import NoTwinError, load_torch
    from engine.torch.verify import verify_with_torch

    yield CheckProgress(done=total - TORCH_STEPS, total=total, phase=IMPORTING)
    try:
        load_torch()
        yield CheckProgress(done=total - 1, total=total, phase=PYTORCH)
        report = merge(report, verify_with_torch(network, x, y, options.device, options.dtype))
    except NoTwinError as error:
        return replace(
            report, notes=(*report.notes, f"not compared with PyTorch: {error.message} ({error.hint})")
        )
    yield CheckProgress(done=total, total=total, phase=PYTORCH)
    yield from report.rows
    yield from heat_maps(report)
    return report


def _started(network: Network, samples: int, checks: int, options: CheckOptions) -> CheckStarted:
    return CheckStarted(
        architecture=architecture_of(network),
        n_parameters=len(network.theta),
        parameters=tuple(TensorShape(name, view.shape) for name, view, _ in network.parameters()),
        checks=checks,
        samples=samples,
        device=options.device,
        dtype=options.dtype,
    )


def _finished(report: Report) -> CheckFinished:
    worst = report.worst
    return CheckFinished(
        worst=Worst(worst.name, worst.index, worst.relative_error),
        **{name: getattr(report, name) for name in CheckFinished.__struct_fields__ if name != "worst"},
    )
