"""The commands of `nnterm`: their registry, the headings of its help, and the options before a command."""

import functools
import inspect
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.main

from engine.errors import NntermError
from tui.cli import output
from tui.cli.help_text import Command, Group, expanded, summary_of, write_commands
from tui.cli.usage_errors import UsageError, on_one_line
from tui.cli.values import takes

COMMANDS = {
    "train": "tui.cli.train:train",
    "resume": "tui.cli.resume:resume",
    "fork": "tui.cli.fork:fork",
    "replay": "tui.cli.replay:replay",
    "demo": "tui.cli.demo:demo",
    "attach": "tui.cli.attach:attach",
    "pause": "tui.cli.control:pause",
    "unpause": "tui.cli.control:unpause",
    "stop": "tui.cli.control:stop",
    "pace": "tui.cli.pace:pace",
    "doctor": "tui.cli.control:doctor",
    "runs": "tui.cli.runs:runs",
    "show": "tui.cli.show:show",
    "compare": "tui.cli.compare:compare",
    "tag": "tui.cli.notes:tag",
    "note": "tui.cli.notes:note",
    "rename": "tui.cli.rm:rename",
    "rm": "tui.cli.rm:rm",
    "evaluate": "tui.cli.evaluate:evaluate",
    "inspect": "tui.cli.inspect:inspect",
    "check": "tui.cli.check:check",
    "diagnose": "tui.cli.diagnose:diagnose",
    "try": "tui.cli.trial:trial",
    "data": "tui.cli.data:data",
    "devices": "tui.cli.devices:devices",
    "bench": "tui.cli.bench:bench",
    "config": "tui.cli.config:config",
    "completion": "tui.cli.completion.command:completion",
    "help": "tui.cli.version:help_",
    "version": "tui.cli.version:version",
}
"""Each command's function, or its `typer.Typer` for a group, as "module:name": a new command is one file and one row.

A module is imported when its command is used or listed.
"""

HEADINGS = {
    "Train": ("train", "init", "resume", "fork", "replay", "demo"),
    "Control a running training": ("attach", "pause", "unpause", "stop", "pace", "doctor"),
    "Runs": ("runs", "show", "compare", "tag", "note", "rename", "rm"),
    "Understand a network": ("inspect", "evaluate", "check", "diagnose", "try"),
    "Data and machine": ("data", "devices", "bench"),
}
"""The headings of `nnterm --help` with the commands below them, most used first; a command in none is listed last."""
OTHER = "Other"


class CommandError(NntermError):
    """The module of a command cannot be imported."""

    exit_code = output.ExitCode.NO


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
    command = _function(name, home)
    if isinstance(command, typer.Typer):
        holder.add_typer(command, name=name, cls=Group)
    else:
        settings = getattr(command, "context_settings", None)
        holder.command(name, cls=Command, context_settings=settings)(command)
    return typer.main.get_group(holder).commands[name]


def _function(name: str, home: str) -> Any:
    """Return the function or group of a row of COMMANDS; a function that raises if the module cannot be imported."""
    module, _, attribute = home.partition(":")
    try:
        return getattr(import_module(module), attribute)
    except Exception as error:  # whatever is wrong with one file must not disable the other commands
        return _reporting(name, module, error)


def _reporting(name: str, module: str, error: Exception) -> Callable[[], None]:
    """Return a command that raises a CommandError."""
    reason = " ".join(f"{type(error).__name__}: {error}".split())

    def command() -> None:
        hint = f'python -c "import {module}" shows the traceback'
        raise CommandError(f"the command {name} cannot be loaded: {reason}", hint)

    command.__doc__ = f"Cannot be loaded: {reason}"
    command.context_settings = {  # type: ignore[attr-defined]
        "ignore_unknown_options": True,
        "allow_extra_args": True,
    }
    return command


def summary(name: str) -> str:
    """Return the first sentence of a command's help, without building its options."""
    command = _function(name, COMMANDS[name])
    text = command.info.help if isinstance(command, typer.Typer) else inspect.getdoc(command)
    return summary_of(str(text or ""))


def headings() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each heading with the names of its commands."""
    placed = {name for names in HEADINGS.values() for name in names}
    others = tuple(name for name in COMMANDS if name not in placed)
    for heading, names in (*HEADINGS.items(), (OTHER, others)):
        found = tuple(name for name in names if name in COMMANDS)
        if found:
            yield heading, found


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
        from tui.cli.version import version_line

        output.line(version_line())
        raise typer.Exit


@application.callback()
def nnterm(
    home: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", autocompletion=takes("folders"), help="Folder of the runs, for the app or the command."
        ),
    ] = None,
    theme: Annotated[
        str | None,
        typer.Option(metavar="NAME", autocompletion=takes("themes"), help="Colours of the app: {themes}."),
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


def command_names() -> Iterable[str]:
    """Return the names of all commands in the order of the help."""
    return (name for _, names in headings() for name in names)
