"""The runs of a home, read from their `status.json` alone, so that a thousand list at once."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec

from engine.errors import RunError
from engine.runs.folder import names_in
from engine.runs.names import runs_folder
from engine.runs.status import LIVE, RunState, Status, true_status


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A run in a list. Accuracies are shares from 0 to 1; None: there is none, or not yet."""

    name: str
    path: str
    state: RunState | Literal["damaged"]
    """As in `Status`; "damaged" where that cannot be read, and `message` says why."""
    dataset: str = ""
    network: str = ""
    """Units of the layers, for example "128-64-10"."""
    created: float = 0.0
    """Unix seconds; where the status is damaged, when the folder last changed."""
    heartbeat: float = 0.0
    host: str = ""
    epoch: int = 0
    """Epochs completed."""
    epochs: int = 0
    step: int = 0
    total_steps: int = 0
    learning_rate: float | None = None
    train_loss: float | None = None
    train_accuracy: float | None = None
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    best_validation_loss: float | None = None
    best_validation_accuracy: float | None = None
    test_loss: float | None = None
    test_accuracy: float | None = None
    parent: str = ""
    """The run that this one was forked from, as it is called now."""
    parent_epoch: int = 0
    parent_id: str = ""
    id: str = ""
    optimizer: str = ""
    batch_size: int = 0
    seed: int = 0
    backend: str = ""
    n_parameters: int = 0
    base_learning_rate: float | None = None
    """Before the schedule."""
    steps_per_s: float | None = None
    seconds: float = 0.0
    message: str = ""

    @property
    def is_over(self) -> bool:
        """Whether no worker is at it any more."""
        return self.state not in LIVE


_SHARED = [name for name in RunSummary.__struct_fields__ if name in Status.__struct_fields__]


def list_runs(home: str | Path | None = None) -> list[RunSummary]:
    """Return every run of `home`, newest first; never raises."""
    folder = runs_folder(home)
    runs = [summarise(folder / name) for name in names_in(folder)]
    return sorted(with_parents(runs), key=_newest_first)


def with_parents(runs: list[RunSummary]) -> list[RunSummary]:
    """Return the runs with their parents called as they are now; a run keeps its id under another name."""
    names = {run.id: run.name for run in runs if run.id}
    called = {run.name for run in runs}
    return [
        msgspec.structs.replace(run, parent=names[run.parent_id])
        if run.parent_id in names and run.parent not in called
        else run
        for run in runs
    ]


def children(runs: Iterable[RunSummary], parent: str) -> list[RunSummary]:
    """Return the runs that were forked from the one called `parent`, in the order of their epochs."""
    found = [run for run in runs if run.parent == parent]
    return sorted(found, key=lambda run: (run.parent_epoch, run.created))


def summarise(path: Path) -> RunSummary:
    """Return what the list shows of the run in `path`."""
    try:
        status = true_status(path)
    except RunError as error:
        return RunSummary(
            name=path.name, path=str(path), state="damaged", created=_changed(path), message=error.message
        )
    shared = {name: getattr(status, name) for name in _SHARED}
    return RunSummary(name=path.name, path=str(path), **shared)


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return time.time()


def _newest_first(summary: RunSummary) -> tuple[float, str]:
    return -summary.created, summary.name
