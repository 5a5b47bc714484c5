"""Whether a user's own data file is still the one that a run was trained on."""

import hashlib
from typing import TYPE_CHECKING

from engine.errors import RunError
from engine.runs.history import read_history

if TYPE_CHECKING:
    from engine.data.spec import DataSpec
    from engine.runs.folder import Run


def digest_of(spec: "DataSpec") -> str:
    """Return the SHA-256 of the own file that `spec` names, in hex; empty for a registered dataset, and where the file
    cannot be read.
    """
    from engine.data.registry import own_file  # NumPy with it

    path = own_file(spec)
    if path is None:
        return ""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def change_of_data(run: "Run") -> str:
    """Return the sentence that the run's own data file holds something else today; empty where it does not, where it is
    gone, and where the run does not know what it held.
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
    return f"{spec.dataset} is not what {run.name} was trained on: it was changed since"


def refuse_changed_data(run: "Run") -> None:
    """Raise a RunError where the run's own data file holds something else today."""
    change = change_of_data(run)
    if change:
        raise RunError(change, "put the old file back, or train anew: nnterm train EXPERIMENT")
