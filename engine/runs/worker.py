"""The worker process, which trains a run: `python -m engine.runs.worker RUN_DIR`.

It holds the lock of the run's folder, writes events and status there, and carries out the commands that it finds
there. On SIGTERM it writes a checkpoint and stops; it ignores SIGHUP and Ctrl-C. Exit codes: 0 finished or stopped,
1 diverged or failed, 2 bad input.
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

from engine.errors import NntermError, RunError
from engine.files.atomic import reason_of, remove_temporaries
from engine.runs import checkpoints, commands, snapshots
from engine.runs.folder import Run
from engine.runs.lock import lock
from engine.runs.recorder import Recorder
from engine.runs.status import read_status

if TYPE_CHECKING:  # NumPy is loaded only after the first status
    from engine.data import Data
    from engine.events import FinalState, Finding, Started
    from engine.experiment.experiment import Experiment
    from engine.runs.history import RunHistory
    from engine.runs.status import Status
    from engine.training.trainer import Trainer

EXIT_CODES = {"finished": 0, "stopped": 0, "diverged": 1}
FAILED = 1


class Termination:
    """The request to end this process: set by SIGTERM; SIGHUP and SIGINT are ignored."""

    def __init__(self) -> None:
        self.is_requested = False
        signal.signal(signal.SIGTERM, self._request)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _request(self, *_: object) -> None:
        self.is_requested = True


def main(arguments: Sequence[str]) -> int:
    """Train the run in the folder given as the only argument; return the exit code."""
    termination = Termination()
    os.umask(0o077)
    faulthandler.enable()
    if len(arguments) != 1:
        print("usage: python -m engine.runs.worker RUN_DIR", file=sys.stderr)
        return NntermError.exit_code
    run = Run(arguments[0])
    try:
        if int(os.environ.get("RANK", "0")):
            return train_along()
        with lock(run):
            return work(run, termination)
    except NntermError as error:
        print(
            f"error: {error.message}", *[f"hint:  {error.hint}"] * bool(error.hint), sep="\n", file=sys.stderr
        )
        return error.exit_code


def train_along() -> int:
    """Train along with the first process of torchrun, which owns the run; return the exit code."""
    from engine.torch.parallel.join import train_along

    return train_along()  # ignores SIGTERM: the first process ends the training for all


def work(run: Run, termination: Termination) -> int:
    """Train a run whose lock is held, record the result in its folder, and return the exit code.

    Raises:
        RunError: the run is over, and no resume was requested; or its status is damaged.
    """
    status = read_status(run.path)
    if status.is_over:
        hint = f"to continue it: nnterm resume {run.name}"
        raise RunError(f"{run.name} has been trained already: it is {status.state}", hint)
    recorder = Recorder(run.path, status)
    try:
        recorder.open()
        for part in ("", checkpoints.FOLDER_NAME, snapshots.FOLDER_NAME):
            remove_temporaries(run.path / part)
        return EXIT_CODES[train(run, recorder, termination)]
    except NntermError as error:
        recorder.fail(error.message, error.hint)
        return error.exit_code
    except OSError as error:
        where = error.filename or run.path
        recorder.fail(
            f"cannot write {where}: {reason_of(error)}",
            "free disk space, or choose another home (--home DIR)",
        )
        return NntermError.exit_code
    except MemoryError as error:
        recorder.fail(f"out of memory: {error}", "use a smaller network, batch or number of samples")
        return NntermError.exit_code
    except Exception as error:
        recorder.fail(f"{type(error).__name__}: {error}", "this is a fault of nnterm", traceback.format_exc())
        return FAILED
    finally:
        recorder.close()


def train(run: Run, recorder: Recorder, termination: Termination) -> "FinalState":
    """Read the experiment and its data, and train to the end, from the initial weights or the newest checkpoint."""
    from engine.experiment.experiment import Experiment
    from engine.runs.repair import repair_experiment
    from engine.runs.resume_point import find_resume_point
    from engine.runs.session import TrainingSession
    from engine.training.setup import set_up

    damage = repair_experiment(run)
    experiment = Experiment.from_raw(run.experiment().to_raw())
    is_shared = int(os.environ.get("WORLD_SIZE", "1")) > 1  # torchrun has started other processes too
    if is_shared:
        from engine.torch.parallel.join import call_together

        call_together(experiment)
    trainer = set_up(experiment)
    point = find_resume_point(trainer, recorder)
    trainer.settle_threads(recorded_threads(experiment, recorder.status, point.history))
    if is_shared:
        from engine.torch.parallel.join import begin_together

        begin_together(trainer)
    answered = max(point.history.commands_read, recorder.status.commands_read)
    reader = commands.CommandReader(run.path / commands.FILE_NAME, answered)
    session = TrainingSession(
        trainer,
        recorder,
        reader,
        is_terminated=lambda: termination.is_requested,
        changes=point.changes,
        is_resumed=not point.is_new,
    )
    point.hand_over(session.checkpointer, run.path)
    return session.run(started(run, trainer, recorder.status.parent), remarks(trainer, damage))


def recorded_threads(experiment: "Experiment", status: "Status", history: "RunHistory") -> int:
    """Return the number of threads of the worker before, which "auto" keeps; 0: there is none, or "auto" is new."""
    if status.threads or not history.starts:
        return status.threads
    last = history.starts[-1]  # the status was damaged
    wanted = last.experiment.get("training", {}).get("threads", "auto")
    return last.threads if wanted == (experiment.training.threads or "auto") else 0


def remarks(trainer: "Trainer", damage: str = "") -> "list[Finding]":
    """Return findings for the start of the training: on a device other than the requested one, on fewer cores than
    threads, or a damaged experiment file.
    """
    from engine.cores import usable_cores
    from engine.events import Finding

    facts = trainer.backend.facts
    now, step, note = time.time(), trainer.position.step, facts.note
    found = []
    if facts.threads > (cores := usable_cores()):
        few = f"{facts.threads} threads share {cores} core{'s' * (cores > 1)}: the same bits, but no faster"
        found.append(Finding(time=now, step=step, code="few-cores", severity="info", message=few))
    if note:
        found.append(Finding(time=now, step=step, code="another-device", severity="info", message=note))
    if damage:
        found.append(
            Finding(time=now, step=step, code="damaged-experiment", severity="warning", message=damage)
        )
    return found


def started(run: Run, trainer: "Trainer", parent: str = "") -> "Started":
    """Return the `started` event of a worker."""
    from importlib.metadata import version

    from engine.events import Started
    from engine.runs.data_file import digest_of

    data, facts = trainer.data, trainer.backend.facts
    return Started(
        time=time.time(),
        step=trainer.position.step,
        run=run.name,
        experiment=trainer.experiment.to_raw(),
        n_parameters=len(trainer.network.theta),
        train_samples=len(data.train),
        validation_samples=len(data.validation),
        test_samples=len(data.test),
        steps_per_epoch=trainer.steps_per_epoch,
        epochs=trainer.experiment.training.epochs,
        chance=chance(data),
        backend=facts.backend,
        device=facts.device,
        dtype=facts.dtype,
        threads=facts.threads,
        processes=facts.processes,
        blas=facts.library,
        pid=os.getpid(),
        host=socket.gethostname(),
        version=version("nnterm"),
        parent=parent,
        data_sha256=digest_of(trainer.experiment.data),
    )


def chance(data: "Data") -> float | None:
    """Return the share of the most frequent class among the training labels; None for a regression."""
    import numpy as np

    if data.task == "regression":
        return None
    return float(np.bincount(data.train.y).max() / len(data.train))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
