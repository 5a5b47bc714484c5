"""The names of runs, and the home that holds their folders."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from engine.errors import RunError

HOME_VARIABLE = "NNTERM_HOME"
RUNS_FOLDER = "runs"
"""The folder of a home that holds its runs."""
LONGEST = 100
"""Maximum number of characters of a name: below the limit of file systems, with room for a number."""
_NUMBERED = re.compile(r"(.+)-([1-9]\d{0,3})")
_FORBIDDEN = re.compile(r"[^A-Za-z0-9._-]+")


def default_home() -> Path:
    """Return $NNTERM_HOME, or the platform's folder for user data; its subfolder `runs` holds the runs."""
    chosen = os.environ.get(HOME_VARIABLE)
    if chosen:
        return _expanded(chosen)
    import platformdirs

    return platformdirs.user_data_path("nnterm")


def runs_folder(home: str | Path | None = None) -> Path:
    """Return the folder that holds the runs of `home`, or of the default one."""
    return (default_home() if home is None else _expanded(home)) / RUNS_FOLDER


def check_home(home: str | Path | None = None) -> str:
    """Return a warning about a home that other users may change; empty if there is none, or no home yet.

    Raises:
        RunError: it is not a folder.
    """
    runs = runs_folder(home)
    for folder in (runs.parent, runs):
        try:
            status = folder.stat()
        except NotADirectoryError:
            raise RunError(
                f"{folder} is inside of a file", "name a folder for the runs: --home DIR"
            ) from None
        except OSError:  # missing, or unreadable, which the one who reads it says
            continue
        if not stat.S_ISDIR(status.st_mode):
            raise RunError(f"{folder} is not a folder", "name a folder for the runs: --home DIR")
        doubt = _doubt(status)
        if doubt:
            return f"{folder} {doubt}: do not resume runs there that you did not start"
    return ""


def _doubt(status: os.stat_result) -> str:
    """Return what lets others change a folder; empty: nothing does."""
    if not hasattr(os, "geteuid"):
        return ""
    if status.st_uid not in (os.geteuid(), 0):
        return f"belongs to another user (uid {status.st_uid})"
    if status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX:
        return f"can be written by every user (mode {stat.S_IMODE(status.st_mode):04o})"
    return ""


def make_runs_folder(home: str | Path | None = None) -> Path:
    """Make the folder of the runs and its home, each private, mode 0700, unless it is there; return it. OSError."""
    runs = runs_folder(home)
    runs.parent.parent.mkdir(parents=True, exist_ok=True)
    for folder in (runs.parent, runs):
        folder.mkdir(mode=0o700, exist_ok=True)
    return runs


def _expanded(home: str | Path) -> Path:
    try:
        return Path(home).expanduser().absolute()
    except RuntimeError:
        raise RunError(f"{home}: there is no such user", "name the folder of the runs by its path") from None


def names_in(folder: Path) -> list[str]:
    """Return the names of the run folders in `folder`, in no order; empty if it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir()]
    except OSError:
        return []


def check_name(name: str) -> str:
    """Return `name` if it is a valid name of a run.

    Raises:
        RunError: it is empty or too long, starts with "." or "-", or has a character other than letters, digits, ".",
            "_" and "-".
    """
    if not is_name(name):
        shown = name if len(name) <= 60 else name[:57] + "..."
        near = plain_name(name)
        hint = 'a name has letters, digits, ".", "_" and "-", and starts with a letter or digit'
        hint = f'did you mean "{near}"? {hint}' if near else hint
        raise RunError(f'"{shown}" cannot be the name of a run', hint)
    return name


def is_name(text: str) -> bool:
    """Return whether `text` is a valid name of a run."""
    return bool(text) and len(text) <= LONGEST and not _FORBIDDEN.search(text) and text[0] not in ".-"


def plain_name(text: str) -> str:
    """Return the closest valid name to `text`; empty if none of its characters is valid."""
    return _FORBIDDEN.sub("-", text).strip(".-")[:LONGEST]


def dataset_name(dataset: str) -> str:
    """Return the name of a dataset, or of its file without folder and suffix, as the base of a run's name."""
    return plain_name(Path(dataset).stem if Path(dataset).suffix else Path(dataset).name) or "run"


def names_after(name: str, dataset: str, folder: Path) -> Iterator[str]:
    """Yield the names for a run that is derived from the one called `name`: `moons-2`, `moons-3`, ... after `moons-1`.

    A number at the end counts on if the rest is the name of the dataset or of another run; one that means something
    else, as in `width-64`, stays: `width-64-2`.

    Args:
        dataset: as `dataset_name` returns it.
        folder: of the runs.
    """
    match = _NUMBERED.fullmatch(name)
    counts = match is not None and (match[1] == dataset or (folder / match[1]).is_dir())
    stem, first = (match[1], int(match[2]) + 1) if match and counts else (name, 2)
    yield from (f"{stem}-{number}" for number in range(first, 10**9))
