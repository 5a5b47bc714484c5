"""`nnterm train`: starts a worker and follows it."""

from typing import TYPE_CHECKING, Annotated

import typer

from tui.cli import output
from tui.cli.options import DOCTOR_HELP, ExperimentOptions, Home, Json, experiment_from
from tui.cli.takes import parameters_of

if TYPE_CHECKING:
    from engine.experiment.experiment import Experiment

HINT = "Ctrl-C stops and keeps a checkpoint; closing the terminal does no harm"


@parameters_of(options=ExperimentOptions)
def train(
    options: ExperimentOptions,
    doctor: Annotated[bool, typer.Option("--doctor", help=DOCTOR_HELP)] = False,
    name: Annotated[str | None, typer.Option(help="What the run is called; else dataset and number.")] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Leave it running; say its name.")] = False,
    json: Json = False,
    plain: Annotated[bool, typer.Option("--plain", help="Plain lines, on a terminal too.")] = False,
    home: Home = None,
) -> int:
    """Train a network, with a progress display."""
    experiment = experiment_from(options, name=name)
    check_own_data(experiment)

    from engine.runs import launch
    from tui.cli.follow import choose_display, follow
    from tui.cli.interrupts import Interrupts
    from tui.words.figures import headline

    with Interrupts() as interrupts:
        run = launch(experiment, home=home, name=name, measure=doctor)
        if detach:
            return say_detached(run.name, str(run.path), json)
        display = choose_display(run, json, plain, HINT)
        opening = "" if json else f"{run.name}: {headline(experiment)}"
        return follow(run, display, interrupts, stops=True, opening=opening)


def check_own_data(experiment: "Experiment") -> None:
    """Read the user's own data file, so that a mistake in it is found before a run is created.

    Raises:
        DataError: the file cannot be read or used.
    """
    from engine.data import DATASETS, load_data

    if experiment.data.dataset not in DATASETS:
        load_data(experiment.data)


def say_detached(name: str, path: str, as_json: bool) -> int:
    """Say that a run trains in the background, and how to come back to it."""
    if as_json:
        output.json_line({"type": "launched", "run": name, "path": path})
    else:
        output.line(f"{name} trains in the background, in {path}")
        output.line(f"to watch it: nnterm attach {name}; to end it: nnterm stop {name}")
    return output.ExitCode.DONE
