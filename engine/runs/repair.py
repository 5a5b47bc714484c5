"""Repair of a run's damaged `experiment.toml`."""

from engine.errors import RunError
from engine.runs.experiment_file import EXPERIMENT_NAME
from engine.runs.folder import Run
from engine.storage.files import reason_of

ASIDE_NAME = "experiment.toml.damaged"


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


def repair_experiment(run: Run) -> str:
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
