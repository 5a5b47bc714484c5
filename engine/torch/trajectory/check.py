"""The trajectory check as a function and as the stream of events of `nnterm check --steps N`.

Our side is the real training loop in float64; PyTorch's has its own optimizer, schedulers, clipping and autograd.
After each step all parameters are compared. A third training, ours with every parameter perturbed by 1e-15 of itself
at each step, shows the growth of rounding errors alone. `torch` is imported after the stream's first event.
"""

import math
import time
from collections.abc import Callable, Generator
from contextlib import closing

import msgspec
from msgspec.structs import replace

from engine.data import Data
from engine.experiment.experiment import Experiment
from engine.gradcheck.checker import architecture_of
from engine.gradcheck.events import IMPORTING, PROGRESS_EVERY_S, CheckProgress, TensorShape
from engine.gradcheck.mask_statistics import mask_faults
from engine.nn.network import Network
from engine.torch.devices.choose import choose_device
from engine.torch.library import load_torch
from engine.torch.trajectory.drift import TOLERANCE
from engine.torch.trajectory.events import (
    TrajectoryEvent,
    TrajectoryFinished,
    TrajectoryReport,
    TrajectoryRow,
    TrajectoryStarted,
)
from engine.torch.trajectory.float32_update import float32_update_fault
from engine.torch.trajectory.pair import TrainingPair
from engine.torch.trajectory.text import has_passed, message_of, rows_of
from engine.training.trainer import Trainer
from engine.words import counted

TRAINING = "training in parallel"
"""Phase of the check."""


def check_trajectory(
    experiment: Experiment,
    data: Data,
    *,
    steps: int = 100,
    network: Network | None = None,
    device: str = "auto",
    progress: Callable[[int, int], object] | None = None,
) -> TrajectoryReport:
    """Train `steps` steps in float64 here and in PyTorch, and compare all parameters after each.

    Optimizer, schedule, clipping and batch order are the experiment's; early stopping is off. A training shorter
    than `steps` is given more epochs, with a note.

    Args:
        experiment: network and training.
        data: the dataset; batches come in the training loop's order.
        steps: number of updates, at least 1.
        network: the initial parameters, unchanged afterwards. None: the experiment's initialisation.
        device: of PyTorch; one without float64, such as mps, is replaced by the CPU.
        progress: called with (steps made, steps planned); an exception raised by it ends the check.

    Returns:
        The report; a difference that rounding explains (chaos, a kink) passes, and the message says so.

    Raises:
        DeviceError: PyTorch or the device is missing, or a part of the training has no counterpart.
        ValueError: `steps` is less than 1.
    """
    rows: dict[str, TrajectoryRow] = {}
    with closing(trajectory(experiment, data, steps=steps, network=network, device=device)) as events:
        for event in events:
            if isinstance(event, TrajectoryRow):
                rows[event.name] = event
            elif isinstance(event, TrajectoryFinished):
                return TrajectoryReport(parameters=rows, result=event)
            elif isinstance(event, CheckProgress) and progress is not None:
                progress(event.done, event.total)
    raise RuntimeError("the stream ended without a result")


def trajectory(
    experiment: Experiment,
    data: Data,
    *,
    steps: int = 100,
    network: Network | None = None,
    device: str = "auto",
) -> Generator[TrajectoryEvent, None, None]:
    """Do what `check_trajectory` does, as a stream of events; closing it ends the check."""
    start_s = time.perf_counter()
    if steps < 1:
        raise ValueError(f"steps = {steps}: a trajectory has at least 1")
    trains_in = experiment.training.dtype
    experiment, notes = _lengthened(experiment, len(data.train), steps)
    if network is None:
        network = Network.of(experiment, data)
    trainer = _trainer(experiment, data, network)
    yield _started(trainer, steps, device)
    yield CheckProgress(done=0, total=steps, phase=IMPORTING)
    load_torch()
    choice = choose_device(device, "float64")
    pair = TrainingPair(trainer, _trainer(experiment, data, network), choice.device)
    _look_before(pair, trains_in)
    last_s = 0.0
    with closing(pair.run(steps)) as run:
        for done in run:
            if done == steps or time.perf_counter() - last_s >= PROGRESS_EVERY_S:
                last_s = time.perf_counter()
                yield CheckProgress(done=done, total=steps, phase=TRAINING)
    yield from rows_of(pair)
    remarks = [*notes, *([choice.note] if choice.note else []), *pair.notes]
    yield _finished(pair, steps, remarks, time.perf_counter() - start_s)


def _lengthened(experiment: Experiment, samples: int, steps: int) -> tuple[Experiment, list[str]]:
    """Return the experiment in float64, without early stopping, long enough for `steps`; and notes."""
    training = replace(experiment.training, dtype="float64", backend="numpy", threads=1, patience=0)
    per_epoch = math.ceil(samples / min(training.batch_size or samples, samples))
    notes = []
    if steps > training.epochs * per_epoch:
        epochs = math.ceil(steps / per_epoch)
        own = training.epochs * per_epoch
        notes.append(
            f"the training has {counted(own, 'step')}: extended to {counted(epochs, 'epoch')} "
            f"for {counted(steps, 'step')}"
        )
        training = replace(training, epochs=epochs)
    return replace(experiment, training=training), notes


def _look_before(pair: TrainingPair, trains_in: str) -> None:
    """Test what two equal sides do not show: the masks, the order of samples, and the update in float32."""
    for fault in mask_faults(pair.trainer.network):
        pair.departure = pair.departure or pair.departure_at("masks", fault.culprit, fault.message, 1)
    optimizer = pair.trainer.experiment.training.optimizer
    text = float32_update_fault(optimizer) if trains_in == "float32" else ""
    if text:
        pair.departure = pair.departure or pair.departure_at("float32", "update", text, 1)
    found = pair.order_fault()
    if found is not None:
        step, text = found
        pair.departure = pair.departure or pair.departure_at("order of samples", "samples", text, step)


def _trainer(experiment: Experiment, data: Data, network: Network) -> Trainer:
    """Return the training loop on a copy of `network`, with one event per step."""
    return Trainer(experiment, network.copy("float64"), data, chunk_s=0.0)


def _started(trainer: Trainer, steps: int, device: str) -> TrajectoryStarted:
    network, training = trainer.network, trainer.experiment.training
    return TrajectoryStarted(
        architecture=architecture_of(network),
        n_parameters=len(network.theta),
        parameters=tuple(TensorShape(name, view.shape) for name, view, _ in network.parameters()),
        steps=steps,
        batch_size=trainer.batch_size,
        steps_per_epoch=trainer.steps_per_epoch,
        loss=network.loss.name,
        optimizer=msgspec.to_builtins(training.optimizer),
        schedule=msgspec.to_builtins(training.schedule),
        clip_norm=training.clip_norm,
        tolerance=TOLERANCE,
        device=device,
    )


def _finished(pair: TrainingPair, steps: int, notes: list[str], seconds: float) -> TrajectoryFinished:
    worst, drift = max(pair.drift.tensors.items(), key=lambda item: item[1].difference)
    return TrajectoryFinished(
        passed=has_passed(pair),
        message=message_of(pair, steps),
        culprit=pair.departure.tensor if pair.departure else "",
        departure=pair.departure,
        steps=pair.steps,
        steps_asked=steps,
        worst=worst,
        relative_difference=drift.difference,
        rounding=max(one.rounding for one in pair.drift.tensors.values()),
        learning_rate=pair.rate,
        growth=tuple(pair.growth()),
        tolerance=TOLERANCE,
        notes=tuple(notes),
        n_parameters=len(pair.trainer.network.theta),
        device=pair.device,
        torch_version=str(load_torch().__version__),
        seconds=seconds,
    )
