"""`nnterm try`: runs a short trial on a network and shows its plot and its conclusion."""

from typing import TYPE_CHECKING, Annotated

import typer

from engine.trials import TRIALS, TrialFinished, find_trial, run_trial
from tui.cli import output
from tui.cli.option_groups import with_option_groups
from tui.cli.options import ExperimentOptions, Home, Json, experiment_from, refuse_options

if TYPE_CHECKING:
    from engine.trials.subject import TrialSubject


@with_option_groups(options=ExperimentOptions)
def trial(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help=f"One of {', '.join(TRIALS)}; without it: list them."),
    ] = None,
    *,
    options: ExperimentOptions,
    run: Annotated[
        str | None,
        typer.Option(
            metavar="RUN", help="Use the experiment of this run; rates starts from its newest weights."
        ),
    ] = None,
    json: Json = False,
    home: Home = None,
) -> int:
    """Run a short experiment (trial) on a network, in seconds.

    Each trial answers one question with a plot and a sentence; no run is changed. Exit code 0: the answer is good. 1: it
    is not (it cannot overfit a batch, the learning rate does not suit, ...). 2: the input is wrong.
    """
    if name is None:
        return _list(json)
    find_trial(name)
    if run is not None:
        refuse_options(options, "--run", "a run is tried with its own settings")
    from tui.cli.check_output import with_run

    with output.working("reading the data and the weights", json):
        subject = _subject(options, run, home)
    events = with_run(run_trial(name, subject), run)
    if json:
        return output.conclude(output.json_lines(events), TrialFinished)
    from tui.cli.trial_output import show_trial

    return output.conclude(show_trial(events), TrialFinished)


def _list(json: bool) -> int:
    """Write the names and questions of all trials."""
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
        output.line("for example: nnterm try overfit --dataset mnist, or nnterm try rates --run RUN")
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
