"""The experiment of a run whose `experiment.toml` is missing or damaged, read from its events or weights."""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import NntermError
from engine.runs.history import read_history

if TYPE_CHECKING:
    from engine.experiment.experiment import Experiment


def recovered(folder: Path, weights: Sequence[Path]) -> "Experiment | None":
    """Return the experiment that a run's newest `started` event or newest sound weights hold; None: neither does.

    Args:
        folder: the run's.
        weights: its files with weights, newest first.
    """
    from engine.experiment.experiment import Experiment
    from engine.experiment.parsing import build_section

    for event in reversed(read_history(folder).begun):
        experiment = build_section(Experiment, event.experiment, "", [])
        if experiment is not None:
            return experiment
    return _from_weights(weights)


def _from_weights(weights: Sequence[Path]) -> "Experiment | None":
    from engine.storage.weights import load_snapshot

    for path in weights:
        with contextlib.suppress(NntermError):
            return load_snapshot(path).experiment
    return None
