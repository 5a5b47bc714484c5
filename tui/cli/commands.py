"""The commands of `nnterm`: their registry, and Typer's own errors in our one-line form."""

import functools
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, cast

import typer
import typer.main

from engine.errors import NntermError
from tui.cli import output

COMMANDS = {
    "train": "tui.cli.train:train",
    "init": "tui.cli.init:init",
    "runs": "tui.cli.runs:runs",
    "show": "tui.cli.show:show",
    "attach": "tui.cli.attach:attach",
    "pause": "tui.cli.control:pause",
    "unpause": "tui.cli.control:unpause",
    "stop": "tui.cli.control:stop",
    "pace": "tui.cli.pace:pace",
    "doctor": "tui.cli.control:doctor",
    "resume": "tui.cli.resume:resume",
    "fork": "tui.cli.fork:fork",
    "replay": "tui.cli.replay:replay",
    "compare": "tui.cli.compare:compare",
    "tag": "tui.cli.notes:tag",
    "note": "tui.cli.notes:note",
    "rename": "tui.cli.rm:rename",
    "rm": "tui.cli.rm:rm",
    "evaluate": "tui.cli.evaluate:evaluate",
    "inspect": "tui.cli.inspect:inspect",
    "check": "tui.cli.check:check",
    "diagnose": "tui.cli.diagnose:diagnose",
    "devices": "tui.cli.devices:devices",
    "bench": "tui.cli.bench:bench",
    "demo": "tui.cli.demo:demo",
    "try": "tui.cli.trial:trial",
    "data": "tui.cli.data:data",
    "config": "tui.cli.config:config",
}
"""Each command's function, or its `typer.Typer` for a group, as "module:name": a new command is one file and one row.

The order is that of `nnterm --help`; a module is imported when its command is used or listed.
"""

UsageError: type[Exception] = typer.BadParameter.__bases__[0]
"""The class of Typer's errors for wrong options; it has no public name."""


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
    module, _, attribute = home.partition(":")
    holder = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    try:
        command = getattr(import_module(module), attribute)
    except Exception as error:  # whatever is wrong with one file must not disable the other commands
        any_arguments = {"ignore_unknown_options": True, "allow_extra_args": True}
        holder.command(name, context_settings=any_arguments)(_reporting(name, module, error))
    else:
        if isinstance(command, typer.Typer):
            holder.add_typer(command, name=name)
        else:
            holder.command(name, context_settings=getattr(command, "context_settings", None))(command)
    return typer.main.get_group(holder).commands[name]


def _reporting(name: str, module: str, error: Exception) -> Callable[[], None]:
    """Return a command that raises a CommandError."""
    reason = " ".join(f"{type(error).__name__}: {error}".split())

    def command() -> None:
        hint = f'python -c "import {module}" shows the traceback'
        raise CommandError(f"the command {name} cannot be loaded: {reason}", hint)

    command.__doc__ = f"Cannot be loaded: {reason}"
    return command


application = typer.Typer(
    name="nnterm",
    add_completion=False,
    rich_markup_mode=None,  # plain help: loads no rich, and can be read in a pipe
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="nnterm alone opens the app.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        import importlib.metadata

        output.line(f"nnterm {importlib.metadata.version('nnterm')}")
        raise typer.Exit


@application.callback()
def nnterm(
    home: Annotated[Path | None, typer.Option(help="Folder of the runs, for the app or the command.")] = None,
    theme: Annotated[
        str | None,
        typer.Option(help="Colours of the app: dark, light, high-contrast, 16-colours, no-colour, auto."),
    ] = None,
    low_bandwidth: Annotated[
        bool, typer.Option("--low-bandwidth", help="The app sends little: for slow lines.")
    ] = False,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """A neural-network lab in the terminal: build, train, inspect and check networks."""
    if theme is not None or low_bandwidth:
        name = "--theme" if theme is not None else "--low-bandwidth"
        raise NntermError(f"{name} is an option of the app, which opens without a command")
    if home is not None:
        from engine.runs.names import runs_folder

        os.environ["NNTERM_HOME"] = str(runs_folder(home).parent.resolve())


def _group() -> Any:
    group = typer.main.get_group(application)
    group.commands = cast("Any", LoadedCommands())
    return group


def run_command(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code.

    Raises:
        NntermError: the command line, or what it names, is wrong.
    """
    try:
        code = _group().main(list(arguments), prog_name="nnterm", standalone_mode=False)
    except UsageError as error:
        raise _on_one_line(error, arguments) from None
    except typer.Abort:
        return output.ExitCode.INTERRUPTED
    return int(code or 0)


def _on_one_line(error: Any, arguments: Sequence[str]) -> NntermError:
    """Return Typer's usage error on one line, with a hint at the help."""
    path = error.ctx.command_path if error.ctx is not None else "nnterm"
    option, given = _wrong_value(error, arguments)
    if given is not None and ("number" in error.message or "integer" in error.message):
        message = f'{option} = "{given}" must be a number'
    else:
        message = " ".join(error.format_message().split()).removeprefix("Invalid value for ").rstrip(".")
    return NntermError(re.sub(r"'(--?[\w-]+)'", r"\1", message), f"see {path} --help")


def _wrong_value(error: Any, arguments: Sequence[str]) -> tuple[str, str | None]:
    """Return the option that a usage error is about, and its value; None if they cannot be found."""
    for option in getattr(getattr(error, "param", None), "opts", ()):
        for position, argument in enumerate(arguments):
            name, equals, value = argument.partition("=")
            if name == option:
                return option, value if equals else "".join(arguments[position + 1 : position + 2])
    return "", None
