"""`nnterm show`: settings, state and figures of one run."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from engine.errors import NntermError
from engine.events import Checkpoint, Command, Finding, Finished, Resumed, Steps
from tui.cli import output
from tui.cli.experiment_file import STDIN, load_experiment
from tui.cli.options import Home, Json, RunName

if TYPE_CHECKING:
    from engine.runs import Run, Status


def show(
    run: RunName,
    json: Json = False,
    follow: Annotated[
        bool, typer.Option("--follow", help="All events from the first one until the run ends.")
    ] = False,
    config: Annotated[
        bool,
        typer.Option(
            "--config", help="Print the complete experiment file of RUN, or of a FILE.toml in its place."
        ),
    ] = False,
    home: Home = None,
) -> int:
    """Show a run: settings, progress, figures, tags and note.

    Examples:
        nnterm show mnist-1
        nnterm show ~/backup/mnist-1                    # a folder of a run
        nnterm show mnist-1 --follow --json             # all events
        nnterm show --config mnist-1                    # its complete file
    """
    if config:
        if follow:
            raise NntermError("--follow is incompatible with --config", "an experiment file does not change")
        return _show_config(run, home, json)
    from engine.runs import Run
    from engine.runs.repair import damage_of

    opened = Run.open(run, home)
    output.warn(damage_of(opened))
    if follow:
        return _follow(opened, json)
    if json:
        output.json_line(run_as_json(opened))
    else:
        with output.working("reading the run"):
            texts = describe_run(opened)
        for text in texts:
            output.line(text)
    return output.ExitCode.DONE


def _show_config(named: str, home: Home, as_json: bool) -> int:
    """Write the complete experiment file of a run, or of an experiment file."""
    from engine.runs import Run

    is_file = named.endswith(".toml") or Path(named) == STDIN
    experiment = load_experiment(Path(named), (), {}) if is_file else Run.open(named, home).experiment()
    if as_json:
        output.json_line({"type": "experiment", **experiment.to_raw()})
    else:
        output.line(experiment.to_toml().rstrip("\n"))
    return output.ExitCode.DONE


def _follow(run: "Run", as_json: bool) -> int:
    from tui.cli.follow import choose_display, follow
    from tui.cli.interrupts import Interrupts

    display = choose_display(run, as_json, plain=True, hint="")
    with Interrupts() as interrupts:
        return follow(run, display, interrupts, stops=False)


def run_as_json(run: "Run") -> dict[str, Any]:
    """Return a run as one JSON object: name, folder, status, experiment, number of events it cannot read."""
    from engine.runs import read_notes
    from engine.runs.timeline import count_newer_events

    status = msgspec.to_builtins(run.status())
    notes = read_notes(run.path)
    return {
        "type": "run",
        "run": run.name,
        "name": run.name,
        "path": str(run.path),
        "tags": list(notes.tags),
        "note": notes.note,
        **status,
        "experiment": run.experiment().to_raw(),
        "newer_events": count_newer_events(run.path),
    }


def describe_run(run: "Run") -> list[str]:
    """Return a run's settings, state, figures, loss curve and messages as lines."""
    from tui.charts.bars import block_row
    from tui.cli.brief_lines import BriefLines
    from tui.cli.event_lines import summary
    from tui.cli.finding_lines import finding_line
    from tui.cli.loss_curve import CompactCurve
    from tui.words.figures import headline

    curve, brief, last, checkpoint = CompactCurve(), BriefLines(run.name), None, None
    messages: list[str | Finding] = []
    for event in run.events(brief=True):
        if isinstance(event, Steps):
            curve.extend(event.means)
        elif isinstance(event, Finished):
            last = event
        elif isinstance(event, Checkpoint):
            checkpoint = event
        elif isinstance(event, Command | Finding | Resumed):
            messages += brief.add(event)
    status = run.status()
    lines = [f"{run.name}: {status.state}", headline(run.experiment()), f"in {run.path}"]
    if status.threads > 1:
        lines.append(f"trained with {status.threads} threads")
    lines += _notes(run)
    if status.parent:
        lines.append(f"forked from {status.parent} at epoch {status.parent_epoch}")
    lines += summary(last) if last and status.is_over else _figures(status)
    lines += _best(status)
    if checkpoint:
        lines.append(f"newest checkpoint: {checkpoint.path} (step {checkpoint.step:,})")
    if curve.points:
        lines.append(f"loss {block_row(curve.resampled(60))}")
    messages += brief.end()
    texts = [finding_line(text) if isinstance(text, Finding) else text for text in messages]
    return [*lines, *texts, *_skipped_events(run)]


def _skipped_events(run: "Run") -> list[str]:
    """Return a line on the events that this version cannot read; none if it reads all."""
    from engine.runs.timeline import count_newer_events

    newer = count_newer_events(run.path)
    if not newer:
        return []
    return [f"{newer:,} {'event' if newer == 1 else 'events'} of a newer nnterm skipped"]


def _notes(run: "Run") -> list[str]:
    from engine.runs import read_notes

    notes = read_notes(run.path)
    tags = [f"tags: {' '.join(notes.tags)}"] if notes.tags else []
    return [*tags, f"note: {notes.note}"] if notes.note else tags


def _best(status: "Status") -> list[str]:
    """Return the best figures on the validation split, which need not be those of one epoch."""
    from tui.words.figures import figure, percent

    if status.best_validation_loss is None:
        return []
    accuracy = status.best_validation_accuracy
    of_classes = "" if accuracy is None else f"   accuracy {percent(accuracy)}"
    return [f"  best validation  loss {figure(status.best_validation_loss)}{of_classes}"]


def _figures(status: "Status") -> list[str]:
    """Return progress and figures of a run that has not finished."""
    from tui.words.figures import figure, percent

    lines = [f"epoch {status.epoch}/{status.epochs}, step {status.step:,}/{status.total_steps:,}"]
    if status.train_loss is not None:
        loss, accuracy = figure(status.train_loss), percent(status.train_accuracy)
        lines.append(f"  train       loss {loss}   accuracy {accuracy}")
    if status.validation_loss is not None:
        loss, accuracy = figure(status.validation_loss), percent(status.validation_accuracy)
        lines.append(f"  validation  loss {loss}   accuracy {accuracy}")
    if status.message:
        lines.append(status.message)
    return lines
