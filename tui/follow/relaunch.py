"""Starting the experiment of a run again: a new run with the same seed, under the next name."""

from pathlib import Path

from engine.runs import Run, launch


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
    return launch(
        experiment, home, name, measure=measure, pace=pace
    ).name  # it is taken: the next number follows
