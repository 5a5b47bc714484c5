"""Creation of a run's folder, whole or not at all, under a name that no other run has."""

import contextlib
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from engine.errors import NntermError, RunError
from engine.files.atomic import reason_of, replace_file
from engine.runs import checkpoints
from engine.runs.experiment_file import EXPERIMENT_NAME
from engine.runs.names import check_name, dataset_name, make_runs_folder, names_after, runs_folder
from engine.runs.status import Status, write_status

if TYPE_CHECKING:
    from engine.experiment.experiment import Experiment

CHECKS_NAME = "checks"


class ForkOrigin(NamedTuple):
    """The run and the checkpoint that a fork starts from."""

    parent: str
    """Name of the run."""
    epoch: int
    """Epochs that the parent had completed."""
    step: int
    """Updates made at the checkpoint; 0: the initial weights."""
    parent_id: str = ""
    threads: int = 0
    """Threads that the parent computes with, which "auto" keeps; 0: not known."""


def create_folder(
    experiment: "Experiment",
    home: str | Path | None,
    name: str | None,
    origin: ForkOrigin | None,
    fill: Callable[[Path], None],
    *,
    measure: bool,
) -> Path:
    """Create the folder of a new run and return its path; arguments and errors as `Run.create`."""
    experiment = type(experiment).from_raw(experiment.to_raw())
    folder = runs_folder(home)
    chosen = name or experiment.name
    dataset = dataset_name(experiment.data.dataset)
    names = chain([check_name(chosen)], names_after(chosen, dataset, folder)) if chosen else _counted(dataset)
    try:
        make_runs_folder(home)
        _clear_abandoned(folder)
        status = initial_status(experiment, origin, measure=measure)
        return _create(experiment, status, folder, names, origin, fill)
    except OSError as error:
        message = f"cannot create a run in {folder}: {reason_of(error)}"
        raise RunError(message, "choose another home (--home DIR), or free disk space") from None


def initial_status(
    experiment: "Experiment", origin: ForkOrigin | None = None, *, measure: bool = False
) -> Status:
    """Return the status of a run before its first worker."""
    now = time.time()
    origin = origin or ForkOrigin("", 0, 0)
    return Status(
        state="starting",
        host=socket.gethostname(),
        heartbeat=now,
        created=now,
        dataset=experiment.data.dataset,
        n_features=_features_of(experiment),
        network=experiment.network.outline,
        optimizer=experiment.training.optimizer.name,
        batch_size=experiment.training.batch_size,
        seed=experiment.seed,
        backend=experiment.training.backend,
        epochs=experiment.training.epochs,
        learning_rate=experiment.training.optimizer.lr,
        base_learning_rate=experiment.training.optimizer.lr,
        id=os.urandom(8).hex(),
        parent=origin.parent,
        parent_id=origin.parent_id,
        parent_epoch=origin.epoch,
        parent_step=origin.step,
        threads=origin.threads,
        epoch=origin.epoch,
        step=origin.step,
        measuring=measure,
    )


def _features_of(experiment: "Experiment") -> int:
    from engine.data import describe

    try:
        return describe(experiment.data).n_features
    except NntermError:  # the data of an old run may be missing
        return 0


def _counted(name: str) -> Iterator[str]:
    """Yield name-1, name-2, ..."""
    yield from (f"{name}-{number}" for number in range(1, 10**9))


def _create(
    experiment: "Experiment",
    status: Status,
    folder: Path,
    names: Iterator[str],
    origin: ForkOrigin | None,
    fill: Callable[[Path], None],
) -> Path:
    """Fill a temporary folder, then rename it to the first free name; return its path."""
    temporary = folder / f".new-{os.getpid()}-{time.time_ns()}"
    temporary.mkdir(mode=0o700)
    try:
        for part in (checkpoints.FOLDER_NAME, CHECKS_NAME):
            (temporary / part).mkdir(mode=0o700)
        write_status(temporary, status)
        fill(temporary)
        for name in names:
            if (folder / name).exists():
                continue
            _save(msgspec.structs.replace(experiment, name=name), temporary, origin)
            with contextlib.suppress(FileExistsError):
                return _rename(temporary, folder / name)
        raise RunError(f"there is no free name in {folder}")
    except BaseException as error:
        shutil.rmtree(temporary, ignore_errors=True)
        if isinstance(error, NntermError) and not isinstance(error, RunError):
            raise RunError(error.message, error.hint) from None
        raise


_ABANDONED_S = 3600.0
"""Age from which a folder that was being made belongs to a process that was killed."""


def _clear_abandoned(folder: Path) -> None:
    """Remove what killed processes left half made."""
    for path in folder.glob(".new-*"):
        with contextlib.suppress(OSError):
            if not path.is_symlink() and time.time() - path.stat().st_mtime > _ABANDONED_S:
                shutil.rmtree(path, ignore_errors=True)


def _save(experiment: "Experiment", folder: Path, origin: ForkOrigin | None) -> None:
    """Write the experiment file, with a comment on top if the run is a fork."""
    heading = f"# forked from {origin.parent} at epoch {origin.epoch}\n\n" if origin else ""
    replace_file(folder / EXPERIMENT_NAME, [(heading + experiment.to_toml()).encode()])


def _rename(source: Path, target: Path) -> Path:
    """Rename a folder; FileExistsError if another process has taken the name meanwhile."""
    try:
        return source.rename(target)
    except OSError:
        if target.exists():
            raise FileExistsError(target) from None
        raise
