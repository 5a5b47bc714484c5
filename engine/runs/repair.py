"""Repair of a run's damaged `experiment.toml`."""

from engine.errors import RunError
from engine.files.atomic import reason_of
from engine.runs.experiment_file import EXPERIMENT_NAME
from engine.runs.folder import Run

ASIDE_NAME = "experiment.toml.damaged"


def damage_of(run: Run) -> str:
    """Return a sentence if the experiment file is damaged and the experiment recovered; empty if the file is intact.

    Raises:
        RunError: the experiment cannot be recovered.
    """
    try:
        run.read_experiment()
    except RunError as error:
        run.experiment()
        return f"{error.message}; its state is taken from its events"
    return ""


def repair_experiment(run: Run) -> str:
    """Rewrite a missing or damaged experiment file, and keep the damaged one under another name.

    The caller holds the run's lock.

    Returns:
        The sentence of `damage_of`; empty if the file is intact.

    Raises:
        RunError: the experiment cannot be recovered, or the folder cannot be written.
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
