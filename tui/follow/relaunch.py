"""Starting the experiment of a run again: a new run with the same seed, under the next name."""

from pathlib import Path

from engine.runs import Run, launch
from engine.runs.names import dataset_name, names_after


def relaunch(name: str, home: Path | None, measure: bool | None = None) -> str:
    """Start the experiment of the run `name` again and return the name of the new run; not for the event loop.

    Args:
        measure: True to measure the layers for the doctor; None: as in the run.

    Raises:
        RunError: the run is missing or damaged, or no worker can be started.
        ExperimentError: the data are missing.
    """
    run = Run.open(name, home)
    experiment = run.experiment()
    if measure is None:
        measure = run.status().measuring
    names = names_after(name, dataset_name(experiment.data.dataset), run.path.parent)
    free = next(candidate for candidate in names if not (run.path.parent / candidate).exists())
    return launch(experiment, home, free, measure=measure).name
