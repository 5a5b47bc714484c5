"""The program `nnterm`: its commands as Typer has them, and the options before a command."""

import functools
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.main

from engine.errors import NntermError
from tui.cli import output
from tui.cli.about import version_line
from tui.cli.help_text import Group, HelpfulCommand, expanded, write_commands
from tui.cli.registry import COMMANDS, function_of, headings, summary
from tui.cli.usage_errors import UsageError, on_one_line
from tui.cli.values import takes

THEMES = "dark, light, high-contrast, 16-colours, no-colour, auto"
"""Written out, since importing the themes takes longer than the whole help."""


class LoadedCommands(Mapping[str, Any]):
    """Typer's commands by name, each built when it is looked up."""

    def __getitem__(self, name: str) -> Any:
        return _loaded(name, COMMANDS[name])

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


@functools.cache
def _loaded(name: str, home: str) -> Any:
    """Return Typer's command for a row of COMMANDS; one that reports the error if the module cannot be imported."""
    holder = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    command = function_of(name)
    if isinstance(command, typer.Typer):
        holder.add_typer(command, name=name, cls=Group)
    else:
        settings = getattr(command, "context_settings", None)
        holder.command(name, cls=HelpfulCommand, context_settings=settings)(command)
    return typer.main.get_group(holder).commands[name]


class Nnterm(Group):
    """The program: its commands are those of COMMANDS, each imported when it is used."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = LoadedCommands()  # type: ignore[assignment]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the commands under their headings, then the options."""
        rows = ((heading, ((name, summary(name)) for name in names)) for heading, names in headings())
        write_commands(rows, formatter)
        records = [(param.name or "", param.get_help_record(ctx)) for param in self.get_params(ctx)]
        with formatter.section("Options"):
            formatter.write_dl(
                [(record[0], expanded(record[1], name)) for name, record in records if record is not None]
            )


application = typer.Typer(
    name="nnterm",
    cls=Nnterm,
    add_completion=False,
    rich_markup_mode=None,  # plain help: loads no rich, and can be read in a pipe
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        output.line(version_line())
        raise typer.Exit


@application.callback()
def nnterm(
    home: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            autocompletion=takes("folders"),
            help="Folder of the runs, for the app or the command.",
        ),
    ] = None,
    theme: Annotated[
        str | None,
        typer.Option(metavar="NAME", autocompletion=takes("themes"), help=f"Colours of the app: {THEMES}."),
    ] = None,
    low_bandwidth: Annotated[
        bool, typer.Option("--low-bandwidth", help="The app sends little: for slow lines.")
    ] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", "-V", callback=_print_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """A neural-network lab in the terminal: build, train, inspect and check networks.

    Without a command it opens the app. `nnterm help COMMAND` shows the options of a command.

    Examples:
        nnterm                                              # open the app
        nnterm train --dataset mnist --layers 128,64        # train, followed live
        nnterm check --dataset moons                        # are the gradients right?
    """
    if theme is not None or low_bandwidth:
        name = "--theme" if theme is not None else "--low-bandwidth"
        raise NntermError(f"{name} is an option of the app, which opens without a command")
    if home is not None:
        from engine.runs.names import runs_folder

        os.environ["NNTERM_HOME"] = str(runs_folder(home).parent.resolve())


@functools.cache
def program() -> Any:
    """Return Typer's group of all commands."""
    return typer.main.get_group(application)


def run_command(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code.

    Raises:
        NntermError: the command line, or what it names, is wrong.
    """
    try:
        code = program().main(list(arguments), prog_name="nnterm", standalone_mode=False)
    except UsageError as error:
        raise on_one_line(error, arguments) from None
    except typer.Abort:
        return output.ExitCode.INTERRUPTED
    return int(code or 0)
