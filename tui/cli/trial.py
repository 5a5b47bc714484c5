"""`nnterm try`: runs a short trial on a network and shows its plot and its conclusion."""

from typing import TYPE_CHECKING, Annotated

import typer

from tui.cli import output
from tui.cli.option_groups import with_option_groups
from tui.cli.options import ExperimentOptions, Home, Json, OldRun, experiment_from, refuse_options
from tui.cli.subject import Subject, split_subject
from tui.cli.values import takes

if TYPE_CHECKING:
    from engine.trials.subject import TrialSubject


HIDDEN = ("patience", "backend", "device", "processes", "dtype")
"""Options of a training that no trial depends on."""


@with_option_groups(options=ExperimentOptions, hidden=HIDDEN, instead={"file": Subject})
def trial(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="TRIAL", autocompletion=takes("trials"), help="One of {trials}; without it: list them."
        ),
    ] = None,
    run: OldRun = None,
    json: Json = False,
    home: Home = None,
    *,
    options: ExperimentOptions,
) -> int:
    """Run a short experiment (trial) on a network, in seconds.

    Each trial answers one question with a plot and a sentence; no run is changed. Exit code 0: the answer is good. 1: it
    is not (it cannot overfit a batch, the learning rate does not suit, ...). 2: the input is wrong. Of a run its
    experiment is tried; rates starts from its newest weights.

    Examples:
        nnterm try                                      # list the trials
        nnterm try overfit --dataset mnist
        nnterm try rates mnist-1                        # a run
        nnterm try seeds moons.toml
    """
    if name is None:
        return _list(json)
    from engine.trials import TrialFinished, find_trial, run_trial

    find_trial(name)
    options, run = split_subject(options, run, home)
    if run is not None:
        refuse_options(options, "a run", "a run is tried with its own settings")
    from tui.cli.check_output import with_run

    with output.working("reading the data and the weights", json):
        subject = _subject(options, run, home)
    events = with_run(run_trial(name, subject), subject.run)
    if json:
        return output.conclude(output.json_lines(events), TrialFinished)
    from tui.cli.trial_output import show_trial

    return output.conclude(show_trial(events), TrialFinished)


def _list(json: bool) -> int:
    """Write the names and questions of all trials."""
    from engine.trials import TRIALS

    width = max(map(len, TRIALS))
    for trial in TRIALS.values():
        if json:
            texts = {
                "title": trial.title,
                "question": trial.question,
                "about": trial.about,
                "cost": trial.cost,
            }
            output.json_line({"type": "trial", "name": trial.name, **texts})
        else:
            output.line(f"{trial.name:<{width}}  {trial.question} {trial.about}")
    if not json:
        output.line()
        output.line("for example: nnterm try overfit --dataset mnist, or nnterm try rates RUN")
    return output.ExitCode.DONE


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
