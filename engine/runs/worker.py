"""The process that trains: `python -m engine.runs.worker RUN_DIR`.

It owns the run's folder under a lock, tells everything that happens through the files in it, and obeys the commands
that it finds there. SIGTERM makes it keep a checkpoint and stop; a terminal that closes, or Ctrl-C in it, is nothing
to it. Exit codes: 0 finished or stopped, 1 diverged or broken down, 2 bad input.
"""

import faulthandler
import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING

import filelock

from engine.errors import NntermError, RunError
from engine.files import reason_of, remove_temporaries
from engine.runs import checkpoints, commands
from engine.runs.folder import LOCK_NAME, Run
from engine.runs.recorder import Recorder
from engine.runs.status import read_status

if TYPE_CHECKING:  # NumPy comes when the status says that a worker is there
    from engine.data import Data
    from engine.events import FinalState, Started
    from engine.trainer import Trainer

EXIT_CODES = {"finished": 0, "stopped": 0, "diverged": 1}
BROKEN = 1


class Termination:
    """Whether SIGTERM has come."""

    def __init__(self) -> None:
        self.asked = False
        signal.signal(signal.SIGTERM, self._ask)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _ask(self, *_: object) -> None:
        self.asked = True


def main(arguments: Sequence[str]) -> int:
    """Train the run in the folder that the one argument names; return the exit code."""
    termination = Termination()
    os.umask(0o077)
    faulthandler.enable()
    if len(arguments) != 1:
        print("usage: python -m engine.runs.worker RUN_DIR", file=sys.stderr)
        return NntermError.exit_code
    run = Run(arguments[0])
    try:
        with lock(run):
            return work(run, termination)
    except NntermError as error:
        print(
            f"error: {error.message}", *[f"hint:  {error.hint}"] * bool(error.hint), sep="\n", file=sys.stderr
        )
        return error.exit_code


def lock(run: Run) -> filelock.BaseFileLock:
    """Return the run's lock, taken; it is let go when the process ends, however that comes.

    Raises:
        RunError: there is no such folder, another worker is at it, or it cannot be written.
    """
    if not run.path.is_dir():
        raise RunError(f"there is no run in {run.path}")
    held = filelock.FileLock(run.path / LOCK_NAME, timeout=0)
    try:
        held.acquire()
    except filelock.Timeout:
        raise RunError(f"{run.name} is in use {_owner(run)}", "a run has one worker at a time") from None
    except (OSError, NotImplementedError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else "the file system has no locks"
        raise RunError(f"cannot lock {run.path}: {reason}", "choose another home (--home DIR)") from None
    return held


def _owner(run: Run) -> str:
    try:
        status = read_status(run.path)
    except RunError:
        return "by another worker"
    return f"by process {status.pid} on {status.host or 'an unknown host'}"


def work(run: Run, termination: Termination) -> int:
    """Train a run whose lock is held, tell in its folder how that ended, and return the exit code.

    Raises:
        RunError: the run has been trained already, or its status is damaged.
    """
    status = read_status(run.path)
    if status.state != "starting":
        raise RunError(f"{run.name} has been trained already: it is {status.state}", "begin a new run")
    recorder = Recorder(run.path, status)
    try:
        recorder.open()
        for folder in (run.path, run.path / checkpoints.FOLDER_NAME):
            remove_temporaries(folder)
        return EXIT_CODES[train(run, recorder, termination)]
    except NntermError as error:
        recorder.fail(error.message, error.hint)
        return error.exit_code
    except OSError as error:
        where = error.filename or run.path
        recorder.fail(
            f"cannot write {where}: {reason_of(error)}", "make room, or choose another home (--home DIR)"
        )
        return NntermError.exit_code
    except MemoryError as error:
        recorder.fail(f"out of memory: {error}", "take a smaller network, batch or number of samples")
        return NntermError.exit_code
    except Exception as error:
        recorder.fail(f"{type(error).__name__}: {error}", "this is a fault of nnterm", traceback.format_exc())
        return BROKEN
    finally:
        recorder.close()


def train(run: Run, recorder: Recorder, termination: Termination) -> "FinalState":
    """Read the experiment and its data, and train to the end."""
    from engine import blas
    from engine.data import load_data
    from engine.experiment import Experiment
    from engine.numpy_network import Network
    from engine.runs.folder import EXPERIMENT_NAME
    from engine.runs.session import Session
    from engine.trainer import Trainer

    experiment = Experiment.load(run.path / EXPERIMENT_NAME)
    data = load_data(experiment.data)
    library = blas.prepare()
    network = Network(experiment.network, data.input_shape, experiment.seed, experiment.training.dtype)
    trainer = Trainer(experiment, network, data)
    reader = commands.CommandReader(run.path / commands.FILE_NAME, recorder.status.commands_read)
    session = Session(trainer, recorder, reader, is_terminated=lambda: termination.asked)
    return session.run(started(run, trainer, library))


def started(run: Run, trainer: "Trainer", library: str) -> "Started":
    """Return the first event: what is trained, on what, by whom."""
    from importlib.metadata import version

    from engine import blas
    from engine.events import Started

    data = trainer.data
    return Started(
        time=time.time(),
        step=0,
        run=run.name,
        experiment=trainer.experiment.to_raw(),
        n_parameters=len(trainer.network.theta),
        train_samples=len(data.train),
        validation_samples=len(data.validation),
        test_samples=len(data.test),
        steps_per_epoch=trainer.steps_per_epoch,
        epochs=trainer.experiment.training.epochs,
        chance=chance(data),
        backend="numpy",
        device="cpu",
        dtype=trainer.network.dtype.name,
        threads=blas.THREADS,
        blas=library,
        pid=os.getpid(),
        host=socket.gethostname(),
        version=version("nnterm"),
    )


def chance(data: "Data") -> float | None:
    """Return the share of the most frequent class among the training labels; None for a regression."""
    import numpy as np

    if data.task == "regression":
        return None
    return float(np.bincount(data.train.y).max() / len(data.train))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
