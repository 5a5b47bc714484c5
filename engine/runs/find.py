"""The folder of a run that a user names: by its name in a home, or by its path."""

import difflib
import os
from pathlib import Path

from engine.errors import RunError, any_of
from engine.files.user_path import expanded
from engine.runs import log
from engine.runs.experiment_file import EXPERIMENT_NAME
from engine.runs.names import check_name, names_in, runs_folder
from engine.runs.status import FILE_NAME as STATUS_NAME
from engine.words import counted

_FILES = (log.FILE_NAME, STATUS_NAME)
"""Files of which the folder of a run has at least one; a folder to work in may hold an experiment.toml too."""
_SEPARATORS = tuple(filter(None, (os.sep, os.altsep)))


def is_path(text: str) -> bool:
    """Return whether `text` is the path of a run's folder: it has a separator, starts with "~", or is "." or ".."."""
    return text in (".", "..") or text.startswith("~") or any(separator in text for separator in _SEPARATORS)


def is_run_folder(path: Path) -> bool:
    """Return whether `path` is a folder with the events or the status of a run."""
    return any((path / name).is_file() for name in _FILES)


def find_run(text: str, home: str | Path | None = None) -> Path:
    """Return the folder of the run that `text` names; see `Run.open`."""
    return _folder_at(text) if is_path(text) else _folder_named(text, home)


def _folder_named(name: str, home: str | Path | None) -> Path:
    folder = runs_folder(home)
    path = folder / check_name(name)
    if path.is_dir():
        return path
    known = names_in(folder)
    hint = _nearest(name, known) if known else "start one with: nnterm train"
    if is_run_folder(Path(name)):
        hint = f"the run in the current folder is ./{name}"
    raise RunError(f'there is no run "{name}" in {folder}', hint)


def _nearest(name: str, known: list[str]) -> str:
    """Return the hint with at most three names, whatever the number of runs."""
    near = difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.6)
    count = f"{counted(len(known), 'run')}: see nnterm runs"
    return f"did you mean {any_of(near)}? {count}" if near else count


def _folder_at(text: str) -> Path:
    if "\0" in text:
        raise RunError("a path cannot hold a NUL character", "see nnterm runs")
    try:
        path = expanded(text).resolve()
        is_folder, is_run = path.is_dir(), is_run_folder(path)
    except (OSError, RuntimeError):  # too long, a circle of links, an unreadable folder
        raise RunError(
            f"{text} cannot be read", "name a run, see nnterm runs, or the path of its folder"
        ) from None
    if is_run:
        return path
    if not is_folder:
        reason = "is a file, not the folder of a run" if path.exists() else "does not exist"
        raise RunError(f"{text} {reason}", "name a run, see nnterm runs, or the path of its folder")
    raise RunError(
        f"{text} is not the folder of a run", f"such a folder holds {EXPERIMENT_NAME} and {log.FILE_NAME}"
    )
