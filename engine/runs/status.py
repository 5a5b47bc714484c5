"""`status.json`: the state of a run, and the check that its worker is still alive."""

import os
import socket
import time
from pathlib import Path
from typing import Literal

import msgspec

from engine.errors import RunError
from engine.files.atomic import read_limited, reason_of, replace_file
from engine.files.regular import open_regular
from engine.printable import printable_json

RunState = Literal["starting", "running", "paused", "stopped", "finished", "diverged", "failed", "lost"]
LIVE = frozenset({"starting", "running", "paused"})
"""The states of a run that is not over."""

FILE_NAME = "status.json"
START_LIMIT_S = 30.0
"""Maximum time from the launch of a worker to its first status, seconds."""
SILENCE_LIMIT_S = 60.0
"""Maximum age of the heartbeat of a worker on another host, seconds; there is one per second."""
START_TOLERANCE_S = 1.5
"""Tolerance for the start time of a process, seconds: it is counted in ticks since a boot time that is rounded too."""
LARGEST = 1 << 20
"""Size limit of a status, bytes."""
FRESH_S = 5.0
"""Age of a heartbeat, seconds, up to which a worker counts as alive although its start time differs (the clock was
set)."""


class StatusSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a status that lists of runs show. Accuracies are shares from 0 to 1; None: not available."""

    state: RunState | Literal["damaged"]
    """In a list, "damaged" if the status cannot be read; `message` has the reason."""
    host: str = ""
    """Name of the worker's machine."""
    heartbeat: float = 0.0
    """Time of the worker's last write, Unix seconds."""
    created: float = 0.0
    """Time when the run was created, Unix seconds."""
    dataset: str = ""
    n_features: int = 0
    """Inputs of the network; 0: not known."""
    network: str = ""
    """Units of the layers, for example "128-64-10"."""
    optimizer: str = ""
    batch_size: int = 0
    """0: the whole training set."""
    seed: int = 0
    backend: str = ""
    n_parameters: int = 0
    epoch: int = 0
    """Epochs completed."""
    epochs: int = 0
    step: int = 0
    """Updates made."""
    total_steps: int = 0
    learning_rate: float | None = None
    """Learning rate of the newest update, schedule included; of the next update right after it was set."""
    base_learning_rate: float | None = None
    """Learning rate before the schedule, as `set training.optimizer.lr` changes it."""
    train_loss: float | None = None
    train_accuracy: float | None = None
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    best_validation_loss: float | None = None
    best_validation_accuracy: float | None = None
    test_loss: float | None = None
    test_accuracy: float | None = None
    steps_per_s: float | None = None
    seconds: float = 0.0
    """Seconds of training, pauses excluded."""
    id: str = ""
    """Unique identifier of the run; a new name does not change it."""
    parent: str = ""
    """Name of the run that this one was forked from, at the time of the fork; in a list, its present name."""
    parent_id: str = ""
    parent_epoch: int = 0
    """Epochs that the parent had completed at the fork."""
    message: str = ""
    """Reason why the run failed, diverged or ended early."""

    @property
    def is_over(self) -> bool:
        """True if no worker trains the run any more."""
        return self.state not in LIVE


class Status(StatusSummary, frozen=True, kw_only=True):
    """The state of a run, as `status.json` holds it."""

    state: RunState
    backend: str = "numpy"
    pid: int = 0
    """Process id of the worker; 0 before it has started."""
    process_start: float = 0.0
    """Start time of the worker's process, Unix seconds; tells it from a later process with the same pid."""
    steps_per_epoch: int = 0
    loss: float | None = None
    """Mean training loss over the newest chunk of updates."""
    chance: float | None = None
    """Accuracy of always predicting the most frequent class."""
    samples_per_s: float | None = None
    parent_step: int = 0
    """Step of the parent at the fork; 0 if the fork starts from the initial weights."""
    threads: int = 0
    """Threads of the worker's computation, which a resume keeps for the same bits; 0: not chosen yet."""
    measuring: bool = False
    """True if the layers are measured and the doctor is on, now or in the next worker."""
    commands_read: int = 0
    """Bytes of `commands.jsonl` that have been answered."""
    hint: str = ""


_DECODER = msgspec.json.Decoder(Status)


def write_status(folder: Path, status: Status, *, durable: bool = False) -> None:
    """Replace the status in one step; OSError.

    Args:
        durable: True: wait until the file is on the disk.
    """
    replace_file(folder / FILE_NAME, [msgspec.json.encode(status), b"\n"], durable=durable)


def overwrite_status(folder: Path, status: Status) -> None:
    """Write the status in place, for a full disk: it reuses the space of the file; OSError."""
    line = msgspec.json.encode(status) + b"\n"
    descriptor = open_regular(folder / FILE_NAME, os.O_WRONLY)
    try:
        os.pwrite(descriptor, line, 0)
        os.ftruncate(descriptor, len(line))
    finally:
        os.close(descriptor)


def read_status(folder: Path) -> Status:
    """Return the status in the file.

    Raises:
        RunError: the file is missing or damaged.
    """
    path = folder / FILE_NAME
    try:
        return _DECODER.decode(printable_json(read_limited(path, LARGEST)))
    except OSError as error:
        raise RunError(f"cannot read {path}: {reason_of(error)}") from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RunError(f"{path} is damaged: {error}") from None


def true_status(folder: Path, now: float | None = None) -> Status:
    """Return the status, with the state "lost" if its worker is not alive any more.

    Args:
        now: current time, Unix seconds; None: take it from the clock.

    Raises:
        RunError: the file is missing or damaged.
    """
    status = read_status(folder)
    if status.is_over or worker_lives(status, time.time() if now is None else now):
        return status
    status = read_status(folder)  # the final status may have been written since
    if status.is_over:
        return status
    message = "its worker has gone without a final status"
    return msgspec.structs.replace(
        status, state="lost", message=message, samples_per_s=None, steps_per_s=None
    )


def worker_lives(status: Status, now: float) -> bool:
    """Return True if the worker that wrote `status` is alive at `now`, Unix seconds, as far as this host can tell."""
    age = now - status.heartbeat
    if status.host != socket.gethostname():
        return abs(age) < SILENCE_LIMIT_S  # its clock may be ahead of ours
    if not status.pid:
        return abs(age) < START_LIMIT_S
    started = process_start(status.pid)
    if started is None:
        return False
    return abs(started - status.process_start) < START_TOLERANCE_S or abs(age) < FRESH_S


def process_start(pid: int) -> float | None:
    """Return the start time of process `pid`, Unix seconds; None if there is no such process, or it is a zombie."""
    import psutil

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return float(process.create_time())
    except (psutil.Error, ValueError, OverflowError):
        return None
