"""`nnterm pace`: slow motion for a run that is training."""

from typing import Annotated

import typer

from tui.cli import output
from tui.cli.options import Home, RunName
from tui.words.figures import count


def pace(
    run: RunName,
    steps: Annotated[
        float | None,
        typer.Argument(
            metavar="[STEPS]", help="Steps per second; without it: full speed.", show_default=False
        ),
    ] = None,
    home: Home = None,
) -> int:
    """Slow a running training down to STEPS per second.

    The result is the same, bit for bit.

    Examples:
        nnterm pace mnist-1 20
        nnterm pace mnist-1                             # full speed again
    """
    from tui.cli.control import open_running

    opened = open_running(run, home)
    opened.command("pace", value=steps)
    speed = "full speed" if steps is None else f"{count(steps)} steps/s"
    output.line(f"{opened.name}: {speed} requested")
    return output.ExitCode.DONE
