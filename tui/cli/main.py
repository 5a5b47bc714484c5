"""The command `nnterm`: without arguments it opens the app, else it runs a command."""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from engine.errors import NntermError
from tui.cli import output


def main(argv: Sequence[str] | None = None) -> int:
    """Run `nnterm` with these arguments (the process's own if None) and return the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    unwind_on_sigterm()
    opens_app, home = _wants_app(arguments)
    if opens_app:
        return output.guarded(lambda: _open_app(home))
    as_json = "--json" in arguments
    return output.guarded(_run_command(arguments), as_json)


def unwind_on_sigterm() -> None:
    """Make SIGTERM unwind the stack, so that a display restores the terminal."""

    def terminate(signum: int, frame: object) -> None:
        raise output.Terminated

    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, terminate)


def _wants_app(arguments: list[str]) -> tuple[bool, Path | None]:
    """Return whether the arguments open the app (none, or --home alone), and the folder of --home."""
    match arguments:
        case []:
            return True, None
        case ["--home", folder]:
            return True, Path(folder)
        case [one] if one.startswith("--home="):
            return True, Path(one.removeprefix("--home="))
        case _:
            return False, None


def _open_app(home: Path | None) -> int:
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM", "dumb") == "dumb":
        hint = "without a terminal: nnterm train --dataset moons, or nnterm --help"
        raise NntermError("the app needs a terminal; this is a pipe or TERM=dumb", hint)
    from tui.app import run_app, terminal_problem

    problem = terminal_problem()
    if problem:
        raise NntermError(problem)
    return run_app(home)


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
