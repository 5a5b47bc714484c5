"""The commands of `nnterm` by name, and the headings below which its help lists them."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any

from engine.errors import NntermError
from tui.cli import output

COMMANDS = {
    "train": "tui.cli.train:train",
    "init": "tui.cli.init:init",
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


def function_of(name: str) -> Any:
    """Return the function or group of a command; a function that raises if the module cannot be imported."""
    module, _, attribute = COMMANDS[name].partition(":")
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
    command = function_of(name)
    text = command.info.help if hasattr(command, "info") else inspect.getdoc(command)
    return first_sentence(str(text or ""))


def headings() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each heading with the names of its commands."""
    placed = {name for names in HEADINGS.values() for name in names}
    others = tuple(name for name in COMMANDS if name not in placed)
    for heading, names in (*HEADINGS.items(), (OTHER, others)):
        found = tuple(name for name in names if name in COMMANDS)
        if found:
            yield heading, found


def command_names() -> Iterable[str]:
    """Return the names of all commands in the order of the help."""
    return (name for _, names in headings() for name in names)


def first_sentence(text: str) -> str:
    """Return the first paragraph of a docstring on one line."""
    return " ".join(inspect.cleandoc(text).partition("\n\n")[0].split())
