"""FILE or RUN: what the argument of `check`, `diagnose` and `try` names, decided by what exists."""

import difflib
import shlex
from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace

from engine.errors import NntermError
from tui.cli.options import ExperimentOptions
from tui.cli.values import takes

Subject = Annotated[
    Path | None,
    typer.Argument(
        metavar="FILE|RUN",
        autocompletion=takes("files or runs"),
        help="Experiment file (.toml), whose keys the options change; or a run, by its name or folder.",
    ),
]


def split_subject(
    options: ExperimentOptions, run: str | None, home: Path | None
) -> tuple[ExperimentOptions, str | None]:
    """Return the options and the run that is meant: that of `--run`, or the argument unless it is a file.

    An existing file is taken before a run of the same name; a run is taken before a file that is missing.

    Raises:
        NntermError: the argument is neither a file nor a run.
    """
    if run is not None or options.file is None:
        return options, run
    text = str(options.file)
    if _is_run(text, home):
        return replace(options, file=None), text
    if text == "-" or _is_file(options.file) or options.file.suffix:
        return options, None  # of a missing file its reader tells the reason
    raise NntermError(f'"{text}" is neither a file nor a run', _hint(text, home))


def refuse_run(file: Path | None, home: Path | None) -> None:
    """Refuse a run where an experiment file is expected.

    Raises:
        NntermError: `file` names a run; the hint says how to resume it, and how to train its experiment again.
    """
    from engine.runs.find import is_path, is_run_folder

    text = str(file)
    if file is None or not _is_run(text, home) or (is_path(text) and not is_run_folder(file.expanduser())):
        return
    run = shlex.quote(text)
    hint = f"nnterm resume {run} continues it; nnterm show --config {run} | nnterm train - trains it again"
    raise NntermError(f'"{text}" is a run, not an experiment file', hint)


def run_name(run: str | None, home: Path | None) -> str | None:
    """Return the name of the run that is named by its name or path; None for None.

    Raises:
        RunError: there is no such run.
    """
    from engine.runs import Run

    return Run.open(run, home).name if run is not None else None


def _is_file(path: Path) -> bool:
    try:
        return path.exists() and not path.is_dir()
    except (OSError, ValueError):
        return False


def _is_run(text: str, home: Path | None) -> bool:
    from engine.runs import runs_folder
    from engine.runs.find import is_path
    from engine.runs.names import is_name

    path = Path(text)
    try:
        if is_path(text):
            return path.expanduser().is_dir()  # whatever is wrong with it, Run.open tells
        return is_name(text) and not _is_file(path) and (runs_folder(home) / text).is_dir()
    except (OSError, RuntimeError, ValueError):
        return False


def _hint(text: str, home: Path | None) -> str:
    from engine.runs import runs_folder
    from engine.runs.names import names_in

    near = difflib.get_close_matches(text, names_in(runs_folder(home)), n=3, cutoff=0.6)
    did = f"did you mean the run {' or '.join(near)}? " if near else ""
    return f"{did}give an experiment file (.toml), or a run: see nnterm runs"
