"""`nnterm check`: every gradient against finite differences and against PyTorch."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from engine.errors import NntermError
from tui.cli import output
from tui.cli.option_groups import with_option_groups
from tui.cli.options import ExperimentOptions, Home, Json, OldRun, experiment_from, refuse_options
from tui.cli.subject import Subject, run_name, split_subject
from tui.cli.values import takes

if TYPE_CHECKING:
    from engine.experiment.experiment import Experiment
    from engine.gradcheck.events import CheckEvent
    from engine.nn.network import Network
    from engine.proof.stream import CheckOptions

READING = "reading the data and the weights"


HIDDEN = ("epochs", "patience", "backend", "processes", "validation", "limit")
"""Options of a training that no check depends on."""


@with_option_groups(options=ExperimentOptions, hidden=HIDDEN, instead={"file": Subject})
def check(
    samples: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Number of samples. [default: 32, with --explain 1]"),
    ] = None,
    burn_in: Annotated[
        int, typer.Option(min=0, max=1_000_000, metavar="N", help="Plain gradient steps before the check.")
    ] = 0,
    torch: Annotated[bool, typer.Option(help="Compare with PyTorch as well.")] = True,
    steps: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Train N steps in parallel with PyTorch, and compare."),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show the forward and backward pass of a sample step by step.")
    ] = False,
    sample: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="N",
            help="With --explain: the first sample, counted from 0. [default: one without zeros]",
        ),
    ] = None,
    at_step: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="With --explain, of a run: its update N with its own batch."),
    ] = None,
    plant: Annotated[
        str | None,
        typer.Option(
            metavar="BUG",
            autocompletion=takes("bugs"),
            help="Plant a bug in a copy, to see it found: {bugs}.",
        ),
    ] = None,
    run: OldRun = None,
    early: Annotated[bool, typer.Option("--early", hidden=True)] = False,
    json: Json = False,
    home: Home = None,
    *,
    options: ExperimentOptions,
) -> int:
    """Check the gradients against finite differences and PyTorch.

    Of an experiment at its initial weights, or of a run at its newest weights, also while it trains. Exit 0: all agree;
    1: they disagree. --device and --dtype set where and in which precision PyTorch computes.

    Examples:
        nnterm check --dataset moons
        nnterm check mnist-1                            # a run
        nnterm check mnist.toml --explain               # every product of one sample
        nnterm check --dataset xor --plant sign
    """
    options, run = split_subject(options, run, home)
    from engine.proof.stream import CheckOptions

    if run is not None:
        refuse_options(
            options, "a run", "a run is checked with its own settings", allowed=("seed", "device", "dtype")
        )
    _refuse_lone(explain, sample, at_step, run)
    given = {
        "steps": steps is not None,
        "burn-in": burn_in > 0,
        "no-torch": not torch,
        "plant": plant is not None,
    }
    if at_step is not None and run is not None:
        _refuse_with_explain(
            options, run, given | {"sample": sample is not None, "samples": samples is not None}
        )
        return _explain_step(run, at_step, home, json)
    if explain:
        _refuse_with_explain(options, run, given)
        return _explain(options, run, (sample, samples or 1), home, json)
    if steps is not None:
        del given["steps"]
        _refuse_with_steps(options, run, given | {"samples": samples is not None})
        return _check_trajectory(options, run, steps, home, json)
    settings = CheckOptions(
        device=options.device or "auto",
        dtype=options.dtype or "auto",
        samples=samples or 32,
        seed=options.seed or 0,
        burn_in=burn_in,
        torch=torch,
        plant=plant or "",
    )
    if run is not None:
        return _check_run(run, settings, home, json, early)
    return _check_experiment(options, settings, json, early)


def _refuse_lone(explain: bool, sample: int | None, at_step: int | None, run: str | None) -> None:
    """Refuse options of --explain without it."""
    if sample is not None and not explain:
        raise NntermError("--sample requires --explain", "a check uses samples of every class")
    if at_step is not None and not (explain and run is not None):
        raise NntermError("--at-step requires --explain and a run", "nnterm check RUN --explain --at-step N")


def _check_experiment(
    options: ExperimentOptions, settings: "CheckOptions", as_json: bool, early: bool
) -> int:
    from engine.data import load_data
    from engine.proof.stream import check as check_gradients

    experiment = experiment_from(replace(options, device=None, dtype=None))
    with output.working(READING, as_json):
        data = load_data(experiment.data)
    return _conclude(check_gradients(experiment, data, settings), as_json, early)


def _conclude(events: "Iterable[CheckEvent]", as_json: bool, early: bool) -> int:
    """Show the events; `early` keeps the rows that are sent before PyTorch's values are known."""
    from engine.gradcheck.events import CheckFinished
    from tui.cli.check_output import final_rows, show_check

    if as_json:
        return output.conclude(output.json_lines(events if early else final_rows(events)), CheckFinished)
    return output.conclude(show_check(events), CheckFinished)


def _check_run(name: str, settings: "CheckOptions", home: Home, as_json: bool, early: bool) -> int:
    from engine.data import load_data
    from engine.proof.stream import check as check_gradients
    from engine.runs import Run
    from engine.runs.newest import newest_snapshot
    from tui.cli.check_output import keep_report, with_run

    run = Run.open(name, home)
    with output.working(READING, as_json):
        data = load_data(
            run.experiment().data
        )  # first: it takes longer, and the weights should be the newest
        snapshot = newest_snapshot(run)
    step = snapshot.position.step if snapshot.position is not None else run.status().step
    events = check_gradients(snapshot.network, data, replace(settings, step=step))
    events = with_run(events, run.name)
    return _conclude(events if settings.plant else keep_report(events, run.path, step), as_json, early)


def _experiment_and_network(
    options: ExperimentOptions, run: str | None, home: Home
) -> "tuple[Experiment, Network | None]":
    """Return a run's experiment and its network at the newest weights; without a run the options' experiment."""
    if run is None:
        return experiment_from(options), None
    from engine.runs import Run
    from engine.runs.newest import newest_snapshot

    found = Run.open(run, home)
    return found.experiment(), newest_snapshot(found).network


def _check_trajectory(
    options: ExperimentOptions, run: str | None, steps: int, home: Home, as_json: bool
) -> int:
    """Train in parallel with PyTorch: an experiment from its initial weights, a run from its newest weights."""
    from engine.data import load_data
    from engine.torch.trajectory import trajectory
    from engine.torch.trajectory.events import TrajectoryFinished
    from tui.cli.check_output import with_run
    from tui.cli.trajectory_output import show_trajectory

    numpy_options = replace(options, device=None, dtype=None, backend=None)
    with output.working(READING, as_json):
        experiment, network = _experiment_and_network(numpy_options, run, home)
        data = load_data(experiment.data)
    device = options.device or "auto"
    events = with_run(
        trajectory(experiment, data, steps=steps, network=network, device=device), run_name(run, home)
    )
    return output.conclude(
        output.json_lines(events) if as_json else show_trajectory(events), TrajectoryFinished
    )


def _explain(
    options: ExperimentOptions, run: str | None, which: tuple[int | None, int], home: Home, as_json: bool
) -> int:
    """Show the walk: through an experiment at its initial weights, through a run at its newest weights."""
    from engine.data import load_data
    from engine.glassbox import ExplainFinished, ExplainOptions, explain
    from tui.cli.check_output import with_run
    from tui.cli.explain_output import show_walk

    with output.working(READING, as_json):
        experiment, network = _experiment_and_network(options, run, home)
        data = load_data(experiment.data)
    first, count = which
    settings = ExplainOptions(sample=first, samples=count, lr=experiment.training.optimizer.lr)
    events = with_run(explain(network or experiment, data, settings), run_name(run, home))
    with output.working("computing the walk", as_json):
        return output.conclude(output.json_lines(events) if as_json else show_walk(events), ExplainFinished)


def _explain_step(run: str, step: int, home: Home, as_json: bool) -> int:
    """Show the walk through one update that a run has made."""
    from engine.glassbox import ExplainFinished
    from engine.runs import Run
    from engine.runs.made_step import explain_step
    from tui.cli.check_output import with_run
    from tui.cli.explain_output import show_walk

    with output.working(f"computing update {step:,} again", as_json):
        opened = Run.open(run, home)
        events = with_run(explain_step(opened, step), opened.name)
        return output.conclude(output.json_lines(events) if as_json else show_walk(events), ExplainFinished)


def _refuse_with_explain(options: ExperimentOptions, run: str | None, given: dict[str, bool]) -> None:
    """Refuse options that contradict the walk, which NumPy computes in float64."""
    wheres = {"device": options.device is not None, "dtype": options.dtype is not None}
    for name, is_given in (given | wheres | {"seed": run is not None and options.seed is not None}).items():
        if is_given:
            hint = "--explain computes in float64 with NumPy, without PyTorch"
            beside = "--at-step" if name in ("sample", "samples") else "--explain"
            raise NntermError(f"--{name} is incompatible with {beside}", hint)


def _refuse_with_steps(options: ExperimentOptions, run: str | None, given: dict[str, bool]) -> None:
    """Refuse options that contradict the comparison with PyTorch, in float64 and with the training's batches."""
    if options.dtype not in (None, "auto", "float64"):
        hint = "in a lower precision two correct trainings drift apart by rounding; omit --dtype"
        raise NntermError(
            f"--dtype {options.dtype} is incompatible with --steps, which compares in float64", hint
        )
    others = given | {"seed": run is not None and options.seed is not None}
    for name, is_given in others.items():
        if is_given:
            hint = "--steps compares whole trainings with PyTorch, with the batches of the experiment"
            raise NntermError(f"--{name} is incompatible with --steps", hint)
