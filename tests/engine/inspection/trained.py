"""Runs trained in this process, without a worker, in well under a second."""

from pathlib import Path
from typing import Any

from engine.experiment.experiment import Experiment
from engine.runs import Run, worker
from engine.runs.lock import lock


class NeverAsked:
    """Replaces the signals of a worker, which never arrive here."""

    asked = False


def train(home: Path, dataset: str, hidden: list[int], name: str, **options: Any) -> Run:
    """Train to the end with a checkpoint per epoch; return the run."""
    overrides = ["checkpoints.every=1", "checkpoints.keep=0", *options.pop("overrides", ())]
    run = Run.create(Experiment.quick(dataset, hidden, overrides=overrides, **options), home, name)
    with lock(run):
        worker.work(run, NeverAsked())  # type: ignore[arg-type]
    return run
