"""`nnterm check`: every gradient against finite differences and against PyTorch."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from engine.errors import NntermError
from tui.cli import output
from tui.cli.option_groups import with_option_groups
from tui.cli.options import ExperimentOptions, Home, Json, experiment_from, refuse_options

if TYPE_CHECKING:
    from engine.experiment.experiment import Experiment
    from engine.gradcheck.events import CheckEvent
    from engine.nn.network import Network
    from engine.proof.stream import CheckOptions


@with_option_groups(options=ExperimentOptions)
def check(
    options: ExperimentOptions,
    run: Annotated[
        str | None, typer.Option(metavar="RUN", help="Check this run at its newest weights; it trains on.")
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(min=1, help="Samples that the gradient is taken of: 32; with --explain 1."),
    ] = None,
    burn_in: Annotated[
        int, typer.Option(min=0, max=1_000_000, help="Plain gradient steps before the check.")
    ] = 0,
    torch: Annotated[bool, typer.Option(help="Compare with PyTorch as well.")] = True,
    steps: Annotated[
        int | None,
        typer.Option(min=1, help="Train so many steps beside PyTorch, and compare all parameters."),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Walk a sample through the network, forward and backward.")
    ] = False,
    sample: Annotated[
        int | None, typer.Option(min=0, help="The first sample of --explain, counted from 0.")
    ] = None,
    json: Json = False,
    home: Home = None,
) -> int:
    """Prove gradients: ours, finite differences and PyTorch.

    Exit 0 when all three agree, 1 when not. --device and --dtype say where and in which precision PyTorch computes.
    """
    from engine.proof.stream import CheckOptions

    if run is not None:
        refuse_options(options, "--run", "a run is checked as it is", allowed=("seed", "device", "dtype"))
    if sample is not None and not explain:
        raise NntermError("--sample goes with --explain alone", "a check takes samples of every class")
    if explain:
        given = {"steps": steps is not None, "burn-in": burn_in > 0, "no-torch": not torch}
        _refuse_with_explain(options, run, given)
        return _explain(options, run, (sample or 0, samples or 1), home, json)
    if steps is not None:
        _refuse_with_steps(
            options, run, {"samples": samples is not None, "burn-in": burn_in > 0, "no-torch": not torch}
        )
        return _check_trajectory(options, run, steps, home, json)
    settings = CheckOptions(
        device=options.device or "auto",
        dtype=options.dtype or "auto",
        samples=samples or 32,
        seed=options.seed or 0,
        burn_in=burn_in,
        torch=torch,
    )
    if run is not None:
        return _check_run(run, options, settings, home, json)
    return _check_experiment(options, settings, json)


def _check_experiment(options: ExperimentOptions, settings: "CheckOptions", as_json: bool) -> int:
    from engine.data import load_data
    from engine.proof.stream import check as check_gradients

    experiment = experiment_from(replace(options, device=None, dtype=None))
    return _conclude(check_gradients(experiment, load_data(experiment.data), settings), as_json)


def _conclude(events: "Iterable[CheckEvent]", as_json: bool) -> int:
    from engine.gradcheck.events import CheckFinished
    from tui.cli.check_output import show_check

    return output.conclude(output.json_lines(events) if as_json else show_check(events), CheckFinished)


def _check_run(
    name: str, options: ExperimentOptions, settings: "CheckOptions", home: Home, as_json: bool
) -> int:
    from engine.data import load_data
    from engine.proof.stream import check as check_gradients
    from engine.runs import Run
    from tui.cli.check_output import keep_report

    run = Run.open(name, home)
    step = run.status().step
    events = check_gradients(run.network(), load_data(run.experiment().data), settings)
    return _conclude(keep_report(events, run.path, step), as_json)


def _experiment_and_network(
    options: ExperimentOptions, run: str | None, home: Home
) -> "tuple[Experiment, Network | None]":
    """Return a run's experiment and its network at the newest weights; without a run the options' experiment."""
    if run is None:
        return experiment_from(options), None
    from engine.runs import Run

    found = Run.open(run, home)
    return found.experiment(), found.network()


def _check_trajectory(
    options: ExperimentOptions, run: str | None, steps: int, home: Home, as_json: bool
) -> int:
    """Train in parallel with PyTorch: an experiment from its initial weights, a run from its newest weights."""
    from engine.data import load_data
    from engine.torch.trajectory import trajectory
    from engine.torch.trajectory.events import TrajectoryFinished
    from tui.cli.trajectory_output import show_trajectory

    numpy_options = replace(options, device=None, dtype=None, backend=None)
    experiment, network = _experiment_and_network(numpy_options, run, home)
    data = load_data(experiment.data)
    device = options.device or "auto"
    events = trajectory(experiment, data, steps=steps, network=network, device=device)
    return output.conclude(
        output.json_lines(events) if as_json else show_trajectory(events), TrajectoryFinished
    )


def _explain(
    options: ExperimentOptions, run: str | None, which: tuple[int, int], home: Home, as_json: bool
) -> int:
    """Show the walk: through an experiment at its initial weights, through a run at its newest weights."""
    from engine.data import load_data
    from engine.glassbox import ExplainFinished, ExplainOptions, explain
    from tui.cli.explain_output import show_walk

    experiment, network = _experiment_and_network(options, run, home)
    first, count = which
    settings = ExplainOptions(sample=first, samples=count, lr=experiment.training.optimizer.lr)
    events = explain(network or experiment, load_data(experiment.data), settings)
    return output.conclude(output.json_lines(events) if as_json else show_walk(events), ExplainFinished)


def _refuse_with_explain(options: ExperimentOptions, run: str | None, given: dict[str, bool]) -> None:
    """Refuse options that contradict the walk, which NumPy computes in float64."""
    wheres = {"device": options.device is not None, "dtype": options.dtype is not None}
    for name, is_given in (given | wheres | {"seed": run is not None and options.seed is not None}).items():
        if is_given:
            hint = "it walks samples through the network by hand, in float64, without PyTorch"
            raise NntermError(f"--{name} does not go with --explain", hint)


def _refuse_with_steps(options: ExperimentOptions, run: str | None, given: dict[str, bool]) -> None:
    """Refuse options that contradict the comparison with PyTorch, in float64 and with the training's batches."""
    if options.dtype not in (None, "auto", "float64"):
        hint = "in a lower precision rounding alone parts two right trainings; leave out --dtype"
        raise NntermError(f"--dtype {options.dtype} does not go with --steps: it compares in float64", hint)
    others = given | {"seed": run is not None and options.seed is not None}
    for name, is_given in others.items():
        if is_given:
            hint = "it compares whole trainings with PyTorch, batch by batch, as the experiment orders them"
            raise NntermError(f"--{name} does not go with --steps", hint)
