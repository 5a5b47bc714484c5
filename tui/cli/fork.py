"""`nnterm fork`: a new run from a checkpoint of another one, with changed settings."""

from typing import TYPE_CHECKING, Annotated

import typer

from engine.errors import NntermError
from tui.cli import output
from tui.cli.options import Detach, Home, Json, MaybeDoctor, Plain, RunName
from tui.cli.resume import Changes, parse_changes
from tui.cli.values import takes

if TYPE_CHECKING:
    from engine.runs.fork import At


def fork(
    run: RunName,
    at: Annotated[
        str,
        typer.Option(
            metavar="EPOCH",
            autocompletion=takes("epochs"),
            help="Completed epochs; 0: the initial weights; best; last.",
        ),
    ] = "last",
    changes: Changes = [],  # noqa: B006  Typer copies it
    lr: Annotated[float | None, typer.Option(metavar="RATE", help="New learning rate.")] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the new run. [default: RUN's with a number]")
    ] = None,
    doctor: MaybeDoctor = None,
    detach: Detach = False,
    json: Json = False,
    plain: Plain = False,
    home: Home = None,
) -> int:
    """Start a new run from a checkpoint of another, with changes.

    Examples:
        nnterm fork mnist-1 --at best --lr 0.01
        nnterm fork mnist-1 --at 5 --set lr=0.01 --set epochs=20
    """
    from engine.runs import Run
    from engine.runs import fork as fork_run
    from engine.runs.commands import LEARNING_RATE
    from tui.cli.follow import follow_started
    from tui.cli.interrupts import Interrupts

    wanted = parse_changes(changes)
    if lr is not None:
        wanted[LEARNING_RATE] = lr
    opened = Run.open(run, home)
    with output.working(f"copying the checkpoint of {opened.name}", json):
        forked = fork_run(opened, parse_at(at), wanted, name=name, home=home, measure=doctor)
    for remark in forked.remarks:
        output.note(remark)
    with Interrupts() as interrupts:
        return follow_started(
            forked.run,
            forked.run.experiment(),
            interrupts,
            verb=f"continues from {opened.name}",
            detach=detach,
            json=json,
            plain=plain,
        )


def parse_at(text: str) -> "At":
    """Return an epoch, "best" or "last".

    Raises:
        NntermError: it is neither.
    """
    if text == "best":
        return "best"
    if text == "last":
        return "last"
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    raise NntermError(f'--at = "{text}" must be a number of epochs, best or last', "for example --at 5")
