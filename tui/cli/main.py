"""The command `nnterm`: without arguments it opens the app, else it runs a command."""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from engine.errors import NntermError
from tui.cli import output
from tui.cli.app_options import AppOptions, parse_app_options
from tui.cli.streams import hide_warnings, open_standard_streams

if TYPE_CHECKING:
    from tui.config import SettingsFile


COMPLETION = "_NNTERM_COMPLETE"
"""Set by the shell's completion: the program prints the words that fit, and does nothing else."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run `nnterm` with these arguments (the process's own if None) and return the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if argv is None:  # a process of our own
        hide_warnings()
        try:
            open_standard_streams()
        except NntermError as error:
            output.complain(error)
            return error.exit_code
    if COMPLETION in os.environ:
        from tui.cli.completion.answer import answer

        return answer(arguments)
    unwind_on_sigterm()
    options = parse_app_options(arguments)
    if options is not None:
        return output.guarded(lambda: _open_app(options))
    as_json = "--json" in arguments
    return output.guarded(_run_command(arguments), as_json)


def unwind_on_sigterm() -> None:
    """Make SIGTERM unwind the stack, so that a display restores the terminal."""

    def terminate(signum: int, frame: object) -> None:
        raise output.Terminated

    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, terminate)


def _open_app(options: AppOptions) -> int:
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM", "dumb") == "dumb":
        hint = "without a terminal: nnterm train --dataset moons, or nnterm --help"
        raise NntermError("the app needs a terminal; this is a pipe or TERM=dumb", hint)
    from tui.app import run_app, terminal_problem

    problem = terminal_problem()
    if problem:
        raise NntermError(problem)
    if os.environ.get("NNTERM_PLUGINS"):  # the app's lists offer what they register
        from engine.plugins import load_plugins

        load_plugins()
    return run_app(options.home, _settings(options))


def _settings(options: AppOptions) -> "SettingsFile":
    """Return the settings, with the options in their place for this time."""
    from tui.config import SettingsFile

    kept = SettingsFile.load()
    kept.override(
        **({"theme": options.theme} if options.theme is not None else {}),
        **({"low_bandwidth": True} if options.low_bandwidth else {}),
    )
    return kept


def _run_command(arguments: list[str]) -> Callable[[], int]:
    def run() -> int:
        _refuse_undecodable(arguments)
        from tui.cli.commands import run_command

        return run_command(arguments)

    return run


def _refuse_undecodable(arguments: list[str]) -> None:
    """Refuse arguments that are not valid UTF-8: no file of ours could hold them."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            raise NntermError(f"{argument} is not valid UTF-8", "rename the file") from None


if __name__ == "__main__":
    sys.exit(main())
