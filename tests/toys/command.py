"""A toy command: `nnterm greet`, which writes a line."""

from typing import Annotated

import typer

from tui.cli import output
from tui.cli.options import Json


def greet(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name to greet.")],
    json: Json = False,
) -> int:
    """Greet someone by name."""
    if json:
        output.json_line({"type": "greeting", "name": name})
    else:
        output.line(f"hello {name}")
    return output.ExitCode.DONE


ROW = ("greet", "tests.toys.command:greet")
"""The row of COMMANDS."""
