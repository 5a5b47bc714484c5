"""`nnterm version` and `nnterm help`."""

from typing import Annotated

import typer

from tui.cli import about, output
from tui.cli.options import Json
from tui.cli.values import takes


def version(json: Json = False) -> int:
    """Show the version.

    Example:
        nnterm version
    """
    if json:
        output.json_line({"type": "version", "version": about.version()})
    else:
        output.line(about.version_line())
    return output.ExitCode.DONE


def help_(
    command: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[COMMAND]", autocompletion=takes("commands"), help="A command; without it: all of them."
        ),
    ] = None,
) -> int:
    """Show the help of a command.

    Example:
        nnterm help train
    """
    from tui.cli.commands import run_command

    return run_command([*(command or []), "--help"])
