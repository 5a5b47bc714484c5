"""`nnterm check`: every gradient against finite differences and against PyTorch."""

from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import asdict, replace

from engine.errors import NntermError
from tui.cli.options import ExperimentOptions, Home, Json, experiment_from
from tui.cli.takes import takes

if TYPE_CHECKING:
    from engine.gradcheck.command import CheckOptions


@takes(options=ExperimentOptions)
def check(
    options: ExperimentOptions,
    run: Annotated[
        str | None, typer.Option(metavar="RUN", help="Check this run at its newest weights; it trains on.")
    ] = None,
    samples: Annotated[int, typer.Option(min=1, help="Samples that the gradient is taken of.")] = 32,
    burn_in: Annotated[int, typer.Option(min=0, help="Plain gradient steps before the check.")] = 0,
    torch: Annotated[bool, typer.Option(help="Compare with PyTorch as well.")] = True,
    json: Json = False,
    home: Home = None,
) -> int:
    """Prove gradients: ours, finite differences and PyTorch.

    Exit 0 when all three agree, 1 when not. --device and --dtype say where and in which precision PyTorch computes.
    """
    from engine.gradcheck.command import CheckOptions

    if run is not None:
        _refuse_other_options(options)
    settings = CheckOptions(
        device=options.device or "auto",
        dtype=options.dtype or "auto",
        samples=samples,
        seed=options.seed or 0,
        burn_in=burn_in,
        torch=torch,
    )
    if run is not None:
        return _check_run(run, options, settings, home, json)
    return _check_experiment(options, settings, json)


def _check_experiment(options: ExperimentOptions, settings: "CheckOptions", as_json: bool) -> int:
    from engine.data import load_data
    from engine.gradcheck.command import check as check_gradients
    from tui.cli.checking import show_check

    experiment = experiment_from(replace(options, device=None, dtype=None))
    return show_check(check_gradients(experiment, load_data(experiment.data), settings), as_json)


def _check_run(
    name: str, options: ExperimentOptions, settings: "CheckOptions", home: Home, as_json: bool
) -> int:
    from engine.data import load_data
    from engine.gradcheck.command import check as check_gradients
    from engine.runs import Run
    from tui.cli.checking import keep_report, show_check

    run = Run.open(name, home)
    step = run.status().step
    events = check_gradients(run.network(), load_data(run.experiment().data), settings)
    return show_check(keep_report(events, run.path, step), as_json)


def _refuse_other_options(options: ExperimentOptions) -> None:
    """A run is what it is: only --seed, --device and --dtype go with --run."""
    own = {"seed", "device", "dtype"}
    values = asdict(options).items()
    given = [name for name, value in values if value not in (None, False, []) and name not in own]
    if given:
        shown = "FILE" if given[0] == "file" else f"--{given[0].replace('_', '-')}"
        raise NntermError(f"{shown} does not go with --run", "a run is checked as it is")
