"""The resume of a run that is over or lost: the changes that are allowed, and the start of a new worker."""

import os
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from engine.errors import RunError
from engine.files.atomic import reason_of
from engine.runs import log
from engine.runs.checkpoints import positions
from engine.runs.commands import LEARNING_RATE, as_rate
from engine.runs.creation import initial_status
from engine.runs.data_file import refuse_changed_data
from engine.runs.device_check import check_device
from engine.runs.experiment_file import EXPERIMENT_NAME
from engine.runs.folder import Run
from engine.runs.launch import start_worker
from engine.runs.links import refuse_links
from engine.runs.lock import lock
from engine.runs.repair import repair_experiment
from engine.runs.status import Status, read_status, write_status
from engine.words import counted

if TYPE_CHECKING:
    from engine.experiment.experiment import Experiment

THREADS = "training.threads"
CHANGEABLE = ("training.epochs", "training.patience", THREADS)
"""Keys that may change at a resume, besides the learning rate and `checkpoints.*`."""
WATCH_S = 2.5
"""Seconds to wait for a heartbeat of a worker on another machine, which has one per second."""


def resume(
    run: Run,
    changes: Mapping[str, Any] | None = None,
    *,
    lr: float | None = None,
    measure: bool | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Start a worker that continues from the newest usable checkpoint of `run`; return at once.

    With an unchanged experiment the weights become, bit for bit, those of an uninterrupted run.

    Args:
        changes: dotted keys and values: `training.epochs`, `training.patience`, `training.threads` (which changes
            the rounding), `checkpoints.*`.
        lr: the new learning rate, as by `set training.optimizer.lr`; required after a divergence.
        measure: True if the worker is to measure the layers and run the doctor; None: as the previous worker.
        sleep: waits for seconds.

    Returns:
        The size of the past events in bytes; new events follow.

    Raises:
        RunError: a worker is running, nothing is left to train, a key cannot be changed, the user's data file has
            changed, the folder holds symbolic links, or no worker can be started.
        DeviceError: the requested device is not available.
        ExperimentError: a value is invalid, or the data are missing.
    """
    changes = dict(changes or {})
    if LEARNING_RATE in changes:
        lr = changes.pop(LEARNING_RATE)
    _check_keys(run, changes)
    if lr is not None and as_rate(lr) is None:
        raise RunError(f"the learning rate must be a number above 0, not {lr}", "for example --lr 0.01")
    _refuse_if_running(run, sleep)
    before = run.experiment()
    check_device(before.training)
    refuse_changed_data(run)
    refuse_links(run.path)
    with lock(run):
        experiment = before.with_changes(changes)
        status = _status(run, experiment)
        _check_work_left(run, status, before, experiment, lr)
        if changes:
            repair_experiment(run)  # keeps a copy of a damaged file
            experiment.save(run.path / EXPERIMENT_NAME)
        if lr is not None:
            run.command("set", LEARNING_RATE, lr)
        run.command("resume")
        measuring = status.measuring if measure is None else measure
        threads = status.threads if experiment.training.threads == before.training.threads else 0
        status = _starting(status, experiment)
        _write(run, msgspec.structs.replace(status, measuring=measuring, threads=threads))
        offset = log.size_of_whole_lines(run.path / log.FILE_NAME)
    try:
        start_worker(run)
    except OSError as error:
        raise RunError(f"cannot start a worker for {run.name}: {reason_of(error)}") from None
    return offset


def _check_keys(run: Run, changes: Mapping[str, Any]) -> None:
    from engine.experiment.short_keys import short_name

    for key in changes:
        if key not in CHANGEABLE and not key.startswith("checkpoints."):
            allowed = ", ".join((LEARNING_RATE, *CHANGEABLE, "checkpoints.*"))
            raise RunError(
                f"{key} cannot be changed when a run is resumed; only {allowed} can",
                f"to change anything else: nnterm fork {run.name} --at EPOCH --set {short_name(key)}=...",
            )


def _refuse_if_running(run: Run, sleep: Callable[[float], None]) -> None:
    """Raise a RunError if a worker is running, on another machine too as far as its heartbeat shows."""
    try:
        status = run.status()
    except RunError:  # damaged: left to the lock
        return
    if not status.is_over:
        raise RunError(f"{run.name} is {status.state}", _hint_while_running(run, status))
    first = read_status(run.path)
    if status.state == "lost" and first.host != socket.gethostname():
        deadline = time.monotonic() + WATCH_S
        while time.monotonic() < deadline:
            sleep(0.25)
            if _heartbeat(run.path) != first.heartbeat:
                raise RunError(f"{run.name} is running on {first.host}", "stop it there first")


def _heartbeat(folder: Path) -> float:
    try:
        return read_status(folder).heartbeat
    except RunError:
        return 0.0


def _hint_while_running(run: Run, status: Status) -> str:
    if status.state == "paused":
        return f"to continue it: nnterm unpause {run.address}"
    return f"to show it: nnterm attach {run.address}"


def _status(run: Run, experiment: "Experiment") -> Status:
    """Return the status in the file; a new one if that is damaged."""
    try:
        return read_status(run.path)
    except RunError:
        return initial_status(experiment)


def _check_work_left(
    run: Run, status: Status, before: "Experiment", after: "Experiment", lr: float | None
) -> None:
    """Raise a RunError if a resume would train nothing, or diverge again."""
    epochs, made = after.training.epochs, _epochs_to_keep(run)
    longer = f"nnterm resume {run.address} --set epochs={max(2 * made, epochs + 1)}"
    if epochs < made or (epochs == made and epochs != before.training.epochs):
        message = f"{run.name} has completed {counted(made, 'epoch')} already: it cannot end after {epochs}"
        raise RunError(message, f"for example {longer}")
    same_threads = msgspec.structs.replace(after.training, threads=before.training.threads)
    if status.state == "finished" and before.training == same_threads:
        why = (
            f"all {counted(epochs, 'epoch')} are completed"
            if made >= epochs
            else status.message or "it ended early"
        )
        raise RunError(f"{run.name} is finished: {why}", f"to continue: {longer}")
    if status.state == "diverged" and lr is None:
        asked = after.training.optimizer.lr
        rate = min(status.base_learning_rate or asked, asked) / 10
        raise RunError(
            f"{run.name} diverged, and would again with the same settings",
            f"to continue from its best weights with a lower learning rate: nnterm resume {run.address} --lr {rate:g}",
        )


def _epochs_to_keep(run: Run) -> int:
    """Return the completed epochs at the newest readable checkpoint; the status may be ahead of it."""
    found = positions(run.path)
    return found[max(found)][0].epoch if found else 0


def _starting(status: Status, experiment: "Experiment") -> Status:
    """Return the status of a run that waits for its worker."""
    epochs = experiment.training.epochs
    return msgspec.structs.replace(
        status,
        state="starting",
        pid=0,
        process_start=0.0,
        host=socket.gethostname(),
        heartbeat=time.time(),
        epochs=epochs,
        total_steps=epochs * status.steps_per_epoch,
        message="",
        hint="",
    )


def _write(run: Run, status: Status) -> None:
    try:
        write_status(run.path, status, durable=True)
    except OSError as error:
        where = error.filename or os.fspath(run.path)
        raise RunError(
            f"cannot write {where}: {reason_of(error)}", "is the folder read-only, or the disk full?"
        ) from None
