"""`nnterm version` and `nnterm help`."""

import importlib.metadata
from typing import Annotated

import typer

from tui.cli import output
from tui.cli.options import Json
from tui.cli.values import takes


def version_line() -> str:
    """Return the program's name and version."""
    return f"nnterm {importlib.metadata.version('nnterm')}"


def version(json: Json = False) -> int:
    """Show the version.

    Example:
        nnterm version
    """
    if json:
        output.json_line({"type": "version", "version": importlib.metadata.version("nnterm")})
    else:
        output.line(version_line())
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
