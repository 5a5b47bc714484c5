"""`nnterm resume`: continues a run that was stopped or lost its worker, with changed settings if requested."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from tui.cli import output
from tui.cli.options import Detach, Home, Json, MaybeDoctor, Plain, RunName
from tui.cli.values import KEY_VALUE

Changes = Annotated[
    list[str],
    typer.Option("--set", help="Change a setting: lr=0.01, epochs=20, ...; may be repeated.", **KEY_VALUE),
]


def resume(
    run: RunName,
    lr: Annotated[float | None, typer.Option(metavar="RATE", help="New learning rate.")] = None,
    changes: Changes = [],  # noqa: B006  Typer copies it
    doctor: MaybeDoctor = None,
    detach: Detach = False,
    json: Json = False,
    plain: Plain = False,
    home: Home = None,
) -> int:
    """Resume a run that was stopped or lost.

    It continues from its newest intact checkpoint and ends with the same weights as an uninterrupted run. A finished
    run continues with more epochs, one that diverged with a lower learning rate.

    Examples:
        nnterm resume mnist-1
        nnterm resume mnist-1 --set epochs=20
        nnterm resume mnist-1 --lr 0.01
    """
    from engine.runs import Run
    from engine.runs import resume as resume_run
    from tui.cli.follow import follow_started
    from tui.cli.interrupts import Interrupts

    opened = Run.open(run, home)
    with output.working(f"preparing {opened.name}", json):
        offset = resume_run(opened, parse_changes(changes), lr=lr, measure=doctor)
    with Interrupts() as interrupts:
        return follow_started(
            opened,
            opened.experiment(),
            interrupts,
            verb="continues",
            offset=offset,
            detach=detach,
            json=json,
            plain=plain,
        )


def parse_changes(texts: Sequence[str]) -> dict[str, Any]:
    """Return `KEY=VALUE` texts as dotted keys with values.

    Raises:
        ExperimentError: a text has no `=`, or a short name is unknown.
    """
    from engine.experiment.overrides import parse_assignments

    return parse_assignments(texts)
