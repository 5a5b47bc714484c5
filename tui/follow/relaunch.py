"""Starts an experiment again: a new run from the same initialisation, under the next name."""

import re
from pathlib import Path

import msgspec

from engine.runs import Run, launch
from engine.runs.names import dataset_name


def relaunch(name: str, home: Path | None, measure: bool | None = None) -> str:
    """Start the experiment of the run `name` again and return the new run's name; not for the event loop.

    Args:
        measure: whether its layers are measured and the doctor watches; None: as in the run.

    Raises:
        RunError: the run is gone or damaged, or no worker can be started.
        ExperimentError: its data are no longer there.
    """
    run = Run.open(name, home)
    experiment = run.experiment()
    if measure is None:
        measure = run.status().measuring
    again = msgspec.structs.replace(experiment, name=next_name(name, experiment.data.dataset))
    return launch(again, home, measure=measure).name


def next_name(name: str, dataset: str) -> str:
    """Return what a repeated run asks to be called, so that numbers count on: mnist-1 becomes mnist-2, not mnist-1-2.

    Empty lets `engine.runs` count from the dataset's name.
    """
    stem = re.sub(r"-\d+$", "", name)
    return "" if stem == dataset_name(dataset) else stem
