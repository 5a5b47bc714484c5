"""The check that a user's own data file has not changed since a run was trained on it."""

import hashlib
from typing import TYPE_CHECKING

from engine.errors import RunError
from engine.files.regular import reading
from engine.runs.history import read_history

if TYPE_CHECKING:
    from engine.data.spec import DataSpec
    from engine.runs.folder import Run


def digest_of(spec: "DataSpec") -> str:
    """Return the SHA-256 of the user's file that `spec` names, in hex; empty for a registered dataset and for a file that
    cannot be read.
    """
    from engine.data.registry import own_file  # here: it loads NumPy

    path = own_file(spec)
    if path is None:
        return ""
    try:
        with reading(path, follows_links=True) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def change_of_data(run: "Run") -> str:
    """Return a sentence if the user's data file has changed since the run was trained; empty if it has not, is missing,
    or if its earlier digest is unknown.
    """
    known = next(
        (event.data_sha256 for event in reversed(read_history(run.path).starts) if event.data_sha256), ""
    )
    if not known:
        return ""
    spec = run.experiment().data
    today = digest_of(spec)
    if not today or today == known:
        return ""
    return f"{spec.dataset} has changed since {run.name} was trained on it"


def refuse_changed_data(run: "Run") -> None:
    """Raise a RunError if the user's data file has changed since the run was trained."""
    change = change_of_data(run)
    if change:
        raise RunError(change, "restore the old file, or train again: nnterm train EXPERIMENT")
