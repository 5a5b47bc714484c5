"""The experiment of a run whose file is missing or damaged: its events and its checkpoints hold it too."""

import contextlib
from typing import TYPE_CHECKING

from engine.errors import NntermError, RunError
from engine.files import reason_of
from engine.runs.folder import EXPERIMENT_NAME, Run
from engine.runs.history import read_history

if TYPE_CHECKING:
    from engine.experiment import Experiment

ASIDE_NAME = "experiment.toml.damaged"


def recovered(run: Run) -> "Experiment | None":
    """Return the experiment as the newest worker told it, or as the newest sound weights hold it; None: neither does."""
    from engine.experiment import Experiment
    from engine.parsing import build_section

    for event in reversed(read_history(run.path).begun):
        experiment = build_section(Experiment, event.experiment, "", [])
        if experiment is not None:
            return experiment
    return _from_weights(run)


def _from_weights(run: Run) -> "Experiment | None":
    from engine.weights import load_snapshot

    for path in run.weights():
        with contextlib.suppress(NntermError):
            return load_snapshot(path).experiment
    return None


def damage_of(run: Run) -> str:
    """Return the sentence that the run's experiment was not read from its file; empty where it was.

    Raises:
        RunError: it is nowhere else either.
    """
    try:
        run.read_experiment()
    except RunError as error:
        run.experiment()
        return f"{error.message}; what its events tell of it is taken"
    return ""


def mend_experiment(run: Run) -> str:
    """Write the experiment file anew where it is missing or damaged, and keep what is left of it beside it; for whoever
    holds the run's lock.

    Returns:
        What `damage_of` says.

    Raises:
        RunError: the experiment is nowhere else, or the folder cannot be written.
    """
    damage = damage_of(run)
    if not damage:
        return ""
    path = run.path / EXPERIMENT_NAME
    try:
        if path.exists():
            path.replace(path.with_name(ASIDE_NAME))
        run.experiment().save(path)
    except OSError as error:
        raise RunError(f"cannot write {path}: {reason_of(error)}") from None
    return damage
