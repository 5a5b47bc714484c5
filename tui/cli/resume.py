"""`nnterm resume`: continues a run that was stopped or lost its worker, with changed settings if requested."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui.cli.options import Home, Json, MaybeDoctor, RunName

if TYPE_CHECKING:
    from engine.runs import Run

HINT = "Ctrl-C stops and keeps a checkpoint; closing the terminal does no harm"

Changes = Annotated[
    list[str],
    typer.Option("--set", metavar="KEY=VALUE", help="Go on with another value; may be repeated."),
]
Detach = Annotated[bool, typer.Option("--detach", help="Leave it running; say its name.")]
Plain = Annotated[bool, typer.Option("--plain", help="Plain lines, on a terminal too.")]


def resume(
    run: RunName,
    lr: Annotated[float | None, typer.Option(help="Learning rate to go on with.")] = None,
    changes: Changes = [],  # noqa: B006  Typer copies it
    doctor: MaybeDoctor = None,
    detach: Detach = False,
    json: Json = False,
    plain: Plain = False,
    home: Home = None,
) -> int:
    """Go on with a run that was stopped or lost.

    It begins where its newest sound checkpoint stands, and ends with the same weights as if nothing had happened.
    A finished run goes on with more epochs (--set training.epochs=20), one that diverged with a lower --lr.
    """
    from engine.runs import Run
    from engine.runs import resume as resume_run

    opened = Run.open(run, home)
    offset = resume_run(opened, parse_changes(changes), lr=lr, measure=doctor)
    return watch(opened, "goes on", offset, detach=detach, json=json, plain=plain)


def parse_changes(texts: Sequence[str]) -> dict[str, Any]:
    """Return `KEY=VALUE` texts as keys with values.

    Raises:
        ExperimentError: a text has no `=`.
    """
    from engine.experiment.overrides import parse_assignment

    return dict(parse_assignment(text) for text in texts)


def watch(run: "Run", word: str, offset: int = 0, *, detach: bool, json: bool, plain: bool) -> int:
    """Follow a run whose worker was just started, or say that it trains in the background.

    Args:
        offset: bytes of its events that are of the past.
    """
    from tui.cli.follow import choose_display, follow
    from tui.cli.interrupts import Interrupts
    from tui.cli.train import say_detached
    from tui.words.figures import headline

    if detach:
        return say_detached(run.name, str(run.path), json)
    display = choose_display(run, json, plain, HINT)
    opening = "" if json else f"{run.name} {word}: {headline(run.experiment())}"
    with Interrupts() as interrupts:
        return follow(run, display, interrupts, stops=True, opening=opening, offset=offset)
