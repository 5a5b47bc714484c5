"""A run is a folder: everything about a training, for whoever wants to watch or to steer it."""

import contextlib
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import msgspec

from engine.errors import CheckpointError, NntermError, RunError, did_you_mean
from engine.events import AnyEvent
from engine.runs import checkpoints, commands, log
from engine.runs.follow import Follower
from engine.runs.names import check_name, dataset_name, runs_folder
from engine.runs.status import Status, true_status, write_status
from engine.storage.files import read_limited, reason_of, replace_file

if TYPE_CHECKING:
    from engine.experiment.experiment import Experiment
    from engine.nn.network import Network

EXPERIMENT_NAME = "experiment.toml"
LOG_NAME = "worker.log"
CHECKS_NAME = "checks"
LOCK_NAME = "worker.lock"
LARGEST = 1 << 20
"""Bytes of an experiment file at most."""


class ForkOrigin(NamedTuple):
    """Where a run was forked from."""

    parent: str
    epoch: int
    """Epochs that the parent had completed."""
    step: int
    """Where the fork goes on; 0: with the first weights."""
    parent_id: str = ""


class Run:
    """A run's folder. Holds nothing but its path, and keeps no file open.

    Args:
        path: the folder; `open` and `create` go by name.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).absolute()

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r})"

    @property
    def name(self) -> str:
        """The name of the run: that of its folder."""
        return self.path.name

    @classmethod
    def open(cls, name: str, home: str | Path | None = None) -> Self:
        """Return the run called `name`.

        Raises:
            RunError: there is none, or no run can be called that.
        """
        folder = runs_folder(home)
        path = folder / check_name(name)
        if not path.is_dir():
            known = names_in(folder)
            hint = did_you_mean(name, known) if known else "begin one with: nnterm train"
            raise RunError(f'there is no run "{name}" in {folder}', hint)
        return cls(path)

    @classmethod
    def create(
        cls,
        experiment: "Experiment",
        home: str | Path | None = None,
        name: str | None = None,
        origin: ForkOrigin | None = None,
        fill: Callable[[Path], None] = lambda folder: None,
        *,
        measure: bool = False,
    ) -> Self:
        """Make the folder of a new run, readable by its owner alone, whole or not at all.

        Args:
            name: as the experiment is called if None, or else as its dataset is, with a number. A name that is
                taken gets "-2", "-3", ...
            origin: what it is a fork of.
            fill: puts more into the folder before it gets its name.
            measure: whether its worker measures the layers and asks the doctor, from the first step on.

        Raises:
            ExperimentError: the experiment is wrong, or its data are not there.
            RunError: the name is impossible, or the home cannot be written.
        """
        experiment = type(experiment).from_raw(experiment.to_raw())
        folder = runs_folder(home)
        chosen = name or experiment.name
        names = (
            _numbered(check_name(chosen), 2) if chosen else _counted(dataset_name(experiment.data.dataset))
        )
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            status = first_status(experiment, origin, measure=measure)
            return cls(_place(experiment, status, folder, names, origin, fill))
        except OSError as error:
            message = f"cannot make a run in {folder}: {reason_of(error)}"
            raise RunError(message, "choose another home (--home DIR), or make room") from None

    def experiment(self) -> "Experiment":
        """Return the experiment; its data need not be there any more.

        Where `experiment.toml` is missing or damaged, what the run's events or weights tell of it is returned.

        Raises:
            RunError: it is nowhere to be read.
        """
        try:
            return self.read_experiment()
        except RunError:
            from engine.runs.recovery import recovered

            experiment = recovered(self.path, self.weights())
            if experiment is None:
                raise
            return experiment

    def read_experiment(self) -> "Experiment":
        """Return the experiment as `experiment.toml` says it, and nothing else does.

        Raises:
            RunError: the file is missing or damaged.
        """
        import tomllib

        from engine.experiment.experiment import Experiment
        from engine.experiment.parsing import build_section

        path = self.path / EXPERIMENT_NAME
        try:
            raw = tomllib.loads(read_limited(path, LARGEST).decode())
        except OSError as error:
            raise RunError(f"cannot read {path}: {reason_of(error)}") from None
        except (ValueError, RecursionError) as error:
            raise RunError(f"{path} is damaged: {error}") from None
        if not raw:
            raise RunError(f"{path} is damaged: it says nothing")
        problems: list[Any] = []
        experiment = build_section(Experiment, raw, "", problems)
        if experiment is None:
            raise RunError(f"{path} is damaged: {problems[0].message}", problems[0].hint)
        return experiment

    def status(self) -> Status:
        """Return where the run stands; "lost" where its worker is gone without a last word.

        Raises:
            RunError: `status.json` is missing or damaged.
        """
        return true_status(self.path)

    def follow(self, offset: int = 0, *, brief: bool = False) -> Follower:
        """Return a follower that gives all events so far, and then those to come.

        Args:
            offset: bytes of the events to pass over.
            brief: take the past of a long run in short: chunks of steps put together, their losses in groups.
        """
        return Follower(self.path / log.FILE_NAME, offset, brief=brief)

    def events(self, *, brief: bool = False) -> Iterator[AnyEvent]:
        """Yield all events so far that still count; damaged lines and types of a newer version are passed over.

        Args:
            brief: as for `follow`.
        """
        follower = self.follow(brief=brief)
        while follower.has_more:
            offset = follower.offset
            yield from follower.poll()
            if follower.offset == offset:  # what is left has no end yet
                return

    def command(self, command: str, key: str | None = None, value: object = None) -> None:
        """Ask the worker for something: "pause", "resume", "step", "stop", "checkpoint", "set" a key to a value, or
        "measure" (value True or False): the layers, with the doctor.

        The worker answers between two updates with a `command` event.

        Raises:
            RunError: there is no such command, or the folder cannot be written.
        """
        commands.append_command(self.path / commands.FILE_NAME, command, key, value)

    def network(self) -> "Network":
        """Return a network with the newest weights: the live ones, or those of the newest whole checkpoint.

        Raises:
            CheckpointError: there are none, or all files are damaged.
        """
        from engine.storage.weights import load_network

        failure: CheckpointError | None = None
        for path in self.weights():
            try:
                return load_network(path)[0]
            except CheckpointError as error:
                failure = failure or error
        raise failure or CheckpointError(
            f"{self.name} has no weights yet", "wait until its training has begun"
        )

    def weights(self) -> list[Path]:
        """Return the files that hold weights, newest first: the live ones, then the checkpoints."""
        live = self.path / checkpoints.LIVE_NAME
        kept = [path for _, path in reversed(checkpoints.list_checkpoints(self.path))]
        return [live, *kept] if live.exists() else kept


def names_in(folder: Path) -> list[str]:
    """Return the names of the run folders in `folder`, unordered."""
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir()]
    except OSError:
        return []


def _numbered(name: str, first: int) -> Iterator[str]:
    """Yield name, name-2, name-3, ..."""
    yield name
    yield from (f"{name}-{number}" for number in range(first, 10**9))


def _counted(name: str) -> Iterator[str]:
    """Yield name-1, name-2, ..."""
    yield from (f"{name}-{number}" for number in range(1, 10**9))


def _place(
    experiment: "Experiment",
    status: Status,
    folder: Path,
    names: Iterator[str],
    origin: ForkOrigin | None,
    fill: Callable[[Path], None],
) -> Path:
    """Fill a folder under a name of its own, then give it the first name that is free; return its path."""
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
        raise RunError(f"no name is free in {folder}")
    except BaseException as error:
        shutil.rmtree(temporary, ignore_errors=True)
        if isinstance(error, NntermError) and not isinstance(error, RunError):
            raise RunError(error.message, error.hint) from None
        raise


def _save(experiment: "Experiment", folder: Path, origin: ForkOrigin | None) -> None:
    """Write the experiment file, headed by where it comes from."""
    heading = f"# forked from {origin.parent} at epoch {origin.epoch}\n\n" if origin else ""
    replace_file(folder / EXPERIMENT_NAME, [(heading + experiment.to_toml()).encode()])


def _rename(source: Path, target: Path) -> Path:
    """Rename a folder; FileExistsError where another process took the name meanwhile."""
    try:
        return source.rename(target)
    except OSError:
        if target.exists():
            raise FileExistsError(target) from None
        raise


def first_status(
    experiment: "Experiment", origin: ForkOrigin | None = None, *, measure: bool = False
) -> Status:
    """Return the status of a run that no worker has taken up yet."""
    now = time.time()
    origin = origin or ForkOrigin("", 0, 0)
    return Status(
        state="starting",
        host=socket.gethostname(),
        heartbeat=now,
        created=now,
        dataset=experiment.data.dataset,
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
        epoch=origin.epoch,
        step=origin.step,
        measuring=measure,
    )
