"""`nnterm try`: runs a short trial on a network and shows its plot and its conclusion."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import asdict

from engine.errors import NntermError
from engine.trials import TRIALS, find_trial, run_trial
from tui.cli import output
from tui.cli.options import ExperimentOptions, Home, Json, experiment_from
from tui.cli.takes import parameters_of

if TYPE_CHECKING:
    from engine.trials import TrialEvent
    from engine.trials.subject import TrialSubject


@parameters_of(options=ExperimentOptions)
def trial(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help=f"One of {', '.join(TRIALS)}; without: what they are for."),
    ] = None,
    *,
    options: ExperimentOptions,
    run: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="The experiment of this run; rates from its newest weights."),
    ] = None,
    json: Json = False,
    home: Home = None,
) -> int:
    """Try one thing on a network, in seconds.

    Each trial answers one question with a plot and a sentence; no run is touched. Exit 0 where the answer is good, 1
    where it is not (it cannot overfit a batch, the learning rate does not suit, ...), 2 where the input is wrong.
    """
    if name is None:
        return _list(json)
    find_trial(name)
    if run is not None:
        _refuse_other_options(options)
    events = run_trial(name, _subject(options, run, home))
    if json:
        return _exit_code(_told(events))
    from tui.cli.trial_output import show_trial

    return _exit_code(show_trial(events))


def _list(json: bool) -> int:
    """Write the names and questions of all trials."""
    width = max(map(len, TRIALS))
    for trial in TRIALS.values():
        if json:
            texts = {"title": trial.title, "question": trial.question, "about": trial.about}
            output.json_line({"type": "trial", "name": trial.name, **texts})
        else:
            output.line(f"{trial.name:<{width}}  {trial.question} {trial.about}")
    if not json:
        output.line()
        output.line("for example: nnterm try overfit --dataset mnist, or nnterm try rates --run RUN")
    return output.ExitCode.DONE


def _refuse_other_options(options: ExperimentOptions) -> None:
    """A run is what it is."""
    given = [name for name, value in asdict(options).items() if value not in (None, False, [])]
    if given:
        shown = "FILE" if given[0] == "file" else f"--{given[0].replace('_', '-')}"
        raise NntermError(f"{shown} does not go with --run", "a run is tried as it is")


def _subject(options: ExperimentOptions, run: str | None, home: Home) -> "TrialSubject":
    from engine.trials.subject import TrialSubject

    if run is None:
        return TrialSubject.of(experiment_from(options))
    from engine.errors import CheckpointError
    from engine.runs import Run

    found = Run.open(run, home)
    try:
        network = found.network()
    except CheckpointError:
        network = None  # not started: its initial weights follow from its experiment
    return TrialSubject.of(found.experiment(), network, found.name)


def _told(events: "Iterable[TrialEvent]") -> "Iterator[TrialEvent]":
    for event in events:
        output.json_line(event)
        yield event


def _exit_code(events: "Iterable[TrialEvent]") -> int:
    from engine.trials import TrialFinished

    passed = False
    for event in events:
        passed = isinstance(event, TrialFinished) and event.passed
    return output.ExitCode.DONE if passed else output.ExitCode.NO
