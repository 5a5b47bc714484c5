"""Starting the experiment of a run again: a new run with the same seed, under the next name."""

import re
from pathlib import Path

import msgspec

from engine.runs import Run, launch
from engine.runs.names import dataset_name


def relaunch(name: str, home: Path | None, measure: bool | None = None, pace: float | None = None) -> str:
    """Start the experiment of the run `name` again and return the name of the new run; not for the event loop.

    Args:
        measure: True to measure the layers for the doctor; None: as in the run.
        pace: steps per second; None: full speed.

    Raises:
        RunError: the run is missing or damaged, or no worker can be started.
        ExperimentError: the data are missing.
    """
    run = Run.open(name, home)
    experiment = run.experiment()
    if measure is None:
        measure = run.status().measuring
    again = msgspec.structs.replace(experiment, name=next_name(name, experiment.data.dataset))
    return launch(again, home, measure=measure, pace=pace).name


def next_name(name: str, dataset: str) -> str:
    """Return the name to request for a repeated run, so that mnist-1 becomes mnist-2 and not mnist-1-2.

    An empty name lets `engine.runs` number the runs of the dataset.
    """
    stem = re.sub(r"-\d+$", "", name)
    return "" if stem == dataset_name(dataset) else stem
