"""`nnterm train`: starts a worker and follows it."""

from typing import TYPE_CHECKING, Annotated

import typer

from tui.cli import output
from tui.cli.option_groups import with_option_groups
from tui.cli.options import DOCTOR_HELP, Detach, ExperimentOptions, Home, Json, Plain, experiment_from
from tui.cli.subject import refuse_run

if TYPE_CHECKING:
    from engine.experiment.experiment import Experiment


@with_option_groups(options=ExperimentOptions)
def train(
    options: ExperimentOptions,
    doctor: Annotated[bool, typer.Option("--doctor", help=DOCTOR_HELP)] = False,
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Name of the run. [default: the dataset's and a number]"),
    ] = None,
    detach: Detach = False,
    json: Json = False,
    plain: Plain = False,
    home: Home = None,
) -> int:
    """Train a network with a live display.

    Ctrl-C saves a checkpoint and stops; closing the terminal does not stop the training.

    Examples:
        nnterm train --dataset moons
        nnterm train --dataset mnist --layers 128,64 --lr 0.1 --name first
        nnterm train mnist.toml --set lr=0.05 --set epochs=20
        nnterm train --dataset mnist --detach           # in the background
    """
    refuse_run(options.file, home)
    experiment = experiment_from(options, name=name)
    check_own_data(experiment)

    from engine.runs import launch
    from tui.cli.follow import follow_started
    from tui.cli.interrupts import Interrupts

    with Interrupts() as interrupts:
        run = launch(experiment, home=home, name=name, measure=doctor)
        return follow_started(run, experiment, interrupts, detach=detach, json=json, plain=plain)


def check_own_data(experiment: "Experiment") -> None:
    """Read the user's own data file, so that a mistake in it is found before a run is created.

    Raises:
        DataError: the file cannot be read or used.
    """
    from engine.data import DATASETS, load_data

    if experiment.data.dataset not in DATASETS:
        with output.working(f"reading {experiment.data.dataset}"):
            load_data(experiment.data)
