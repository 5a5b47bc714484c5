"""The experiment of a run: read from `experiment.toml` or, where that is missing or damaged, from events or weights."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import NntermError, RunError
from engine.experiment.toml_reader import LARGEST_FILE, parse_toml
from engine.files.atomic import read_limited, reason_of
from engine.plugins.loading import HINT as PLUGIN_HINT
from engine.runs.checkpoints import weight_files
from engine.runs.history import read_history

if TYPE_CHECKING:
    from engine.experiment.experiment import Experiment

EXPERIMENT_NAME = "experiment.toml"


def read_experiment(folder: Path) -> "Experiment":
    """Return the experiment in the `experiment.toml` of a run's folder; its data are not read.

    Raises:
        RunError: the file is missing or damaged.
    """
    from engine.experiment.experiment import Experiment
    from engine.experiment.parsing import build_section

    path = folder / EXPERIMENT_NAME
    try:
        raw = parse_toml(read_limited(path, LARGEST_FILE).decode())
    except OSError as error:
        raise RunError(f"cannot read {path}: {reason_of(error)}") from None
    except (ValueError, RecursionError) as error:
        raise RunError(f"{path} is damaged: {error}") from None
    if not raw:
        raise RunError(f"{path} is damaged: it is empty")
    problems: list[Any] = []
    experiment = build_section(Experiment, raw, "", problems)
    if experiment is None:
        problem = problems[0]  # an unknown member may be one of the user's own, that is not loaded
        is_damaged = not problem.hint.endswith(PLUGIN_HINT)
        raise RunError(f"{path}{' is damaged' if is_damaged else ''}: {problem.message}", problem.hint)
    return experiment


def recover_experiment(folder: Path) -> "Experiment | None":
    """Return the experiment in a run's newest `started` event, else in its newest readable weights; None: in neither."""
    from engine.experiment.experiment import Experiment
    from engine.experiment.parsing import build_section
    from engine.storage.weights import load_snapshot

    for event in reversed(read_history(folder).starts):
        experiment = build_section(Experiment, event.experiment, "", [])
        if experiment is not None:
            return experiment
    for path in weight_files(folder):
        with contextlib.suppress(NntermError):
            return load_snapshot(path).experiment
    return None
