"""Forks: new runs that continue from a checkpoint of another run, with changed settings."""

import math
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from engine.errors import CheckpointError, RunError
from engine.files.atomic import reason_of
from engine.runs.checkpoints import checkpoint_path, positions
from engine.runs.creation import ForkOrigin
from engine.runs.data_file import change_of_data
from engine.runs.device_check import check_device
from engine.runs.folder import Run
from engine.runs.history import RunHistory, read_history
from engine.runs.launch import start_worker
from engine.runs.snapshots import copy_snapshots
from engine.torch.support import check_counterparts
from engine.words import counted

if TYPE_CHECKING:
    from engine.experiment.experiment import Experiment
    from engine.storage.weights import Snapshot

At = int | Literal["best", "last"]


class CheckpointInfo(NamedTuple):
    """A checkpoint that a run can be forked from."""

    epoch: int
    """Epochs completed."""
    step: int
    """Updates made."""
    path: Path
    ends_epoch: bool
    """True at the end of an epoch, False in the middle of one."""
    is_best: bool
    """True if its validation loss is the lowest of the checkpoints there are."""
    validation_loss: float | None = None


class Forked(NamedTuple):
    """A fork, with remarks on its differences from the parent."""

    run: Run
    remarks: tuple[str, ...]
    """Sentences for the user, for example on an optimizer state that was reset."""


def kept_checkpoints(run: Run, history: RunHistory | None = None) -> list[CheckpointInfo]:
    """Return the checkpoints of `run` whose header can be read, sorted by step.

    Args:
        history: of `run`; None: read it.
    """
    epochs = (history or read_history(run.path)).epochs
    losses = {epoch.step: epoch.validation_loss for epoch in epochs}
    found = positions(run.path)
    known = [(loss, step) for step in found if (loss := losses.get(step)) is not None]
    best = min(known)[1] if known else None
    return [
        CheckpointInfo(position.epoch, step, path, position.cursor == 0, step == best, losses.get(step))
        for step, (position, path) in found.items()
    ]


def fork(
    run: Run,
    at: At = "last",
    changes: Mapping[str, Any] | None = None,
    *,
    name: str | None = None,
    home: str | Path | None = None,
    measure: bool | None = None,
    starts: bool = True,
) -> Forked:
    """Create a run that continues from a checkpoint of `run` with changed settings, and start its worker.

    Args:
        at: number of completed epochs, 0 for the initial weights; or "best", or "last".
        changes: dotted keys and values, as for `Experiment.with_changes`.
        name: name of the new run; None: that of `run` with a number.
        home: the home of the new run; None: that of `run`, of one outside of a home the default one.
        measure: True if the worker is to measure the layers and run the doctor; None: as in `run`.
        starts: False: do not start the worker; `start_worker` does it later.

    Raises:
        RunError: there is no such checkpoint, no epochs are left, or the new run cannot be created or started.
        CheckpointError: the checkpoint is damaged, or its weights do not fit the changed experiment.
        ExperimentError: a key or value is invalid.
        DeviceError: the requested device is not available.
    """
    experiment = run.experiment().with_changes(dict(changes or {}))
    check_device(experiment.training)
    check_counterparts(experiment)
    measure = _is_measured(run) if measure is None else measure
    create = partial(Run.create, experiment, home or run.home, name, measure=measure)
    kept = _find_checkpoint(run, at) if at else None
    forked = (
        _fork_from(run, kept, experiment, create)
        if kept
        else Forked(create(_origin(run, experiment, 0, 0)), ())
    )
    if experiment.data == run.experiment().data:
        forked = forked._replace(remarks=(*forked.remarks, *filter(None, [change_of_data(run)])))
    if starts:
        _start(forked.run)
    return forked


def _origin(run: Run, experiment: "Experiment", epoch: int, step: int) -> ForkOrigin:
    try:
        status = run.status()
        keeps_threads = experiment.training.threads == run.experiment().training.threads
        return ForkOrigin(run.name, epoch, step, status.id, status.threads if keeps_threads else 0)
    except RunError:  # the status is damaged, the weights are not
        return ForkOrigin(run.name, epoch, step)


def _is_measured(run: Run) -> bool:
    try:
        return run.status().measuring
    except RunError:
        return False


def _find_checkpoint(run: Run, at: At) -> CheckpointInfo:
    kept = kept_checkpoints(run)
    if not kept:
        raise RunError(
            f"{run.name} has no checkpoint yet", "wait for one, or use --at 0: its initial weights"
        )
    if at == "last":
        return kept[-1]
    matching = [entry for entry in kept if (entry.is_best if at == "best" else _ends_epoch(entry, at))]
    if not matching:
        wanted = "best weights" if at == "best" else f"checkpoint at epoch {at}"
        raise RunError(f"{run.name} has no {wanted}", _available(kept))
    return matching[-1]


def _ends_epoch(entry: CheckpointInfo, epoch: int) -> bool:
    return entry.ends_epoch and entry.epoch == epoch


def _available(kept: list[CheckpointInfo]) -> str:
    """Return the hint with the epochs that can be forked from."""
    epochs = [f"{entry.epoch}{' (best)' * entry.is_best}" for entry in kept if entry.ends_epoch]
    listed = ", ".join(["0", *epochs])
    return f"there are: {listed}, last; checkpoints.every and checkpoints.keep set which ones a run has"


def _fork_from(
    run: Run,
    kept: CheckpointInfo,
    experiment: "Experiment",
    create: Callable[[ForkOrigin, Callable[[Path], None]], Run],
) -> Forked:
    from engine.runs.migrate import migrate
    from engine.storage.weights import load_snapshot, write_snapshot

    snapshot = load_snapshot(kept.path)
    migrated, remarks = migrate(snapshot, experiment, _steps_per_epoch(run, experiment))
    position = migrated.position
    if position is None:
        raise CheckpointError(f"{kept.path} has no training position")
    if position.epoch >= experiment.training.epochs:
        longer = f"--set training.epochs={position.epoch * 2}"
        raise RunError(
            f"{run.name} has completed {counted(position.epoch, 'epoch')} there, and training.epochs is "
            f"{experiment.training.epochs}: no training remains",
            f"use an earlier epoch, or raise the number of epochs: {longer}",
        )
    remarks = (*_remarks_on(snapshot), *remarks)

    def fill(folder: Path) -> None:
        write_snapshot(checkpoint_path(folder, position.step), migrated)
        if position.step == kept.step:  # else the steps of the fork are counted otherwise
            copy_snapshots(run.path, folder, position.step)

    origin = _origin(run, experiment, position.epoch, position.step)
    return Forked(create(origin, fill), remarks)


def _remarks_on(snapshot: "Snapshot") -> tuple[str, ...]:
    """Return remarks on what the checkpoint lacks."""
    if snapshot.optimizer_state is not None:
        return ()
    return ("this checkpoint was written after a divergence: the optimizer's state is reset",)


def _steps_per_epoch(run: Run, experiment: "Experiment") -> int:
    """Return the updates per epoch; the data are read only if they differ from those of `run`."""
    starts = read_history(run.path).starts
    if starts and run.experiment().data == experiment.data:
        samples = starts[-1].train_samples
    else:
        from engine.data import load_data

        samples = len(load_data(experiment.data).train)
    batch = min(experiment.training.batch_size or samples, samples)
    return math.ceil(samples / max(1, batch))


def _start(run: Run) -> None:
    try:
        start_worker(run)
    except OSError as error:
        shutil.rmtree(run.path, ignore_errors=True)
        raise RunError(f"cannot start a worker for {run.name}: {reason_of(error)}") from None
