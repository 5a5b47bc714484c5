"""`nnterm resume`: continues a run that was stopped or lost its worker, with changed settings if requested."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from tui.cli import output
from tui.cli.options import Detach, Home, Json, MaybeDoctor, Plain, RunName

Changes = Annotated[
    list[str],
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Change a setting: lr=0.01, epochs=20, ...; may be repeated."
    ),
]


def resume(
    run: RunName,
    lr: Annotated[float | None, typer.Option(help="New learning rate.")] = None,
    changes: Changes = [],  # noqa: B006  Typer copies it
    doctor: MaybeDoctor = None,
    detach: Detach = False,
    json: Json = False,
    plain: Plain = False,
    home: Home = None,
) -> int:
    """Resume a run that was stopped or lost.

    It continues from its newest intact checkpoint and ends with the same weights as an uninterrupted run. A finished
    run continues with more epochs (--set epochs=20), one that diverged with a lower --lr.
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
