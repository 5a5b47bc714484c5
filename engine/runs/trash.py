"""The trash beside the runs: discarding, restoring and deleting runs; and renaming them."""

import shutil
import time
from pathlib import Path
from typing import NamedTuple

from engine.errors import RunError, did_you_mean
from engine.experiment.toml_reader import LARGEST_FILE
from engine.files.atomic import read_limited, reason_of, replace_file
from engine.runs.experiment_file import EXPERIMENT_NAME
from engine.runs.folder import Run
from engine.runs.lock import lock
from engine.runs.names import RUNS_FOLDER, check_name, make_runs_folder, names_in, runs_folder

FOLDER_NAME = "trash"


class Discarded(NamedTuple):
    """A run in the trash."""

    name: str
    """Its former name."""
    path: Path
    at: float
    """Time when it was discarded, Unix seconds."""


def discard(run: Run) -> Path:
    """Move a run to the trash of its home; return its new path.

    Raises:
        RunError: the run lies outside of a home, a worker is running, or the folder cannot be moved.
    """
    trash = refuse_homeless(run) / FOLDER_NAME
    with lock(run):  # no worker is running, and none can start meanwhile
        try:
            trash.mkdir(mode=0o700, exist_ok=True)
            target = trash / f"{run.name}.{time.time_ns()}"
            return run.path.rename(target)
        except OSError as error:
            raise RunError(f"cannot move {run.path} to {trash}: {reason_of(error)}") from None


def list_trash(home: str | Path | None = None) -> list[Discarded]:
    """Return the runs in the trash of `home`, the last discarded first."""
    folder = _trash(home)
    found = []
    for entry in names_in(folder):
        name, _, stamp = entry.rpartition(".")
        if name and stamp.isdigit():
            found.append(Discarded(name, folder / entry, int(stamp) / 1e9))
    return sorted(found, key=lambda discarded: -discarded.at)


def restore(name: str, home: str | Path | None = None) -> Run:
    """Move a run out of the trash: of several with the name, the last discarded.

    Raises:
        RunError: there is no such run, its name is taken by now, or the folder cannot be moved.
    """
    found = list_trash(home)
    entry = next((discarded for discarded in found if discarded.name == name), None)
    if entry is None:
        hint = did_you_mean(name, {discarded.name for discarded in found}) if found else "the trash is empty"
        raise RunError(f'there is no "{name}" in the trash', hint)
    target = runs_folder(home) / check_name(name)
    _refuse_taken(target)
    try:
        make_runs_folder(home)
        return Run(entry.path.rename(target))
    except OSError as error:
        raise RunError(f"cannot move {entry.path} to {target}: {reason_of(error)}") from None


def empty_trash(home: str | Path | None = None) -> int:
    """Delete all runs in the trash; return their number.

    Raises:
        RunError: a run cannot be deleted.
    """
    found = list_trash(home)
    for entry in found:
        try:
            if entry.path.is_symlink():
                entry.path.unlink()  # the link; its target is not ours
            else:
                shutil.rmtree(entry.path)
        except OSError as error:
            raise RunError(f"cannot delete {entry.path}: {reason_of(error)}") from None
    return len(found)


def rename(run: Run, name: str) -> Run:
    """Rename a run; return it under its new name.

    Raises:
        RunError: the run lies outside of a home, the name is invalid or taken, a worker is running, or the folder
            cannot be moved.
    """
    refuse_homeless(run)
    target = run.path.parent / check_name(name)
    if target == run.path:
        return run
    _refuse_taken(target)
    with lock(run):  # no worker is running, and none can start meanwhile
        try:
            run.path.rename(target)
        except OSError as error:
            raise RunError(f"cannot rename {run.path}: {reason_of(error)}") from None
        renamed = type(run)(target)
        _rename_inside(renamed)
    return renamed


def _rename_inside(run: Run) -> None:
    """Write the new name into the experiment file, unless that is damaged; the rest of it is unchanged."""
    try:
        run.read_experiment()  # a damaged file is not overwritten
        path = run.path / EXPERIMENT_NAME
        lines = read_limited(path, LARGEST_FILE).decode().splitlines(keepends=True)
        places = [i for i, line in enumerate(lines) if line.startswith("name =")]
        if places:
            lines[places[0]] = f'name = "{run.name}"\n'
            replace_file(path, ["".join(lines).encode()], durable=True)
    except (RunError, OSError, UnicodeDecodeError):
        return


def refuse_homeless(run: Run) -> Path:
    """Return the run's home.

    Raises:
        RunError: it has none: such a folder is neither renamed nor moved to a trash.
    """
    if run.home is None:
        message = f"{run.path} is in no folder {RUNS_FOLDER}: only the runs of a home are renamed or moved to the trash"
        raise RunError(message, "rename or delete the folder with mv or rm")
    return run.home


def _trash(home: str | Path | None) -> Path:
    return runs_folder(home).parent / FOLDER_NAME


def _refuse_taken(target: Path) -> None:
    if target.exists() or target.is_symlink():
        raise RunError(f'there is a run "{target.name}" already', "choose another name")
