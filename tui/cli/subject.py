"""FILE or RUN: what the argument of `check`, `diagnose` and `try` names, decided by what exists."""

import difflib
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
