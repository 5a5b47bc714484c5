"""All commands of `nnterm`, put together, and Typer's own errors in our one-line form."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.errors import NntermError
from tui.cli import output
from tui.cli.attach import attach
from tui.cli.bench import bench
from tui.cli.check import check
from tui.cli.compare import compare
from tui.cli.control import doctor, pause, stop, unpause
from tui.cli.data import data
from tui.cli.demo import demo
from tui.cli.devices import devices
from tui.cli.diagnose import diagnose
from tui.cli.evaluate import evaluate
from tui.cli.fork import fork
from tui.cli.inspect import inspect
from tui.cli.replay import replay
from tui.cli.resume import resume
from tui.cli.rm import rename, rm
from tui.cli.runs import runs
from tui.cli.show import show
from tui.cli.train import train
from tui.cli.trial import trial

UsageError: type[Exception] = typer.BadParameter.__bases__[0]
"""What Typer raises for wrong options; it gives it no public name."""

application = typer.Typer(
    name="nnterm",
    add_completion=False,
    rich_markup_mode=None,  # plain help: at once, and readable in a pipe
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="nnterm alone opens the app.",
)
for command in (
    train,
    runs,
    show,
    attach,
    pause,
    unpause,
    stop,
    doctor,
    resume,
    fork,
    replay,
    compare,
    rename,
    rm,
    evaluate,
    inspect,
    check,
    diagnose,
    devices,
    bench,
    demo,
):
    application.command()(command)
application.command("try")(trial)
application.add_typer(data, name="data")


def _print_version(wanted: bool) -> None:
    if wanted:
        import importlib.metadata

        output.line(f"nnterm {importlib.metadata.version('nnterm')}")
        raise typer.Exit


@application.callback()
def nnterm(
    home: Annotated[Path | None, typer.Option(help="Folder of the runs, for the app or the command.")] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Say it and leave.")
    ] = False,
) -> None:
    """A neural-network lab in the terminal: build, train, watch and prove networks."""
    if home is not None:
        os.environ["NNTERM_HOME"] = str(home.expanduser().resolve())


def run_command(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code.

    Raises:
        NntermError: the command line, or what it names, is wrong.
    """
    try:
        code = application(list(arguments), prog_name="nnterm", standalone_mode=False)
    except UsageError as error:
        raise _plainly(error, arguments) from None
    except typer.Abort:
        return output.ExitCode.INTERRUPTED
    return int(code or 0)


def _plainly(error: Any, arguments: Sequence[str]) -> NntermError:
    """Typer's usage error as one line, with a hint where to read on."""
    path = error.ctx.command_path if error.ctx is not None else "nnterm"
    option, given = _wrong_value(error, arguments)
    if given is not None and ("number" in error.message or "integer" in error.message):
        message = f'{option} = "{given}" must be a number'
    else:
        message = " ".join(error.format_message().split()).removeprefix("Invalid value for ").rstrip(".")
    return NntermError(re.sub(r"'(--?[\w-]+)'", r"\1", message), f"see {path} --help")


def _wrong_value(error: Any, arguments: Sequence[str]) -> tuple[str, str | None]:
    """The option that a usage error is about, and what was given to it; None where that cannot be told."""
    for option in getattr(getattr(error, "param", None), "opts", ()):
        for position, argument in enumerate(arguments):
            name, equals, value = argument.partition("=")
            if name == option:
                return option, value if equals else "".join(arguments[position + 1 : position + 2])
    return "", None
