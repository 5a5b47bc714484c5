"""The command `nnterm`: alone it opens the app, else it runs one of the commands."""

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
    leave_in_order()
    opens_app, home = _wants_app(arguments)
    if opens_app:
        return output.guarded(lambda: _open_app(home))
    as_json = "--json" in arguments
    return output.guarded(_run_command(arguments), as_json)


def leave_in_order() -> None:
    """Make SIGTERM unwind the stack, so that a display gives the terminal back as it was."""

    def terminate(signum: int, frame: object) -> None:
        raise output.Terminated

    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, terminate)


def _wants_app(arguments: list[str]) -> tuple[bool, Path | None]:
    """Whether the arguments are none, or only --home; and the folder that it names."""
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
        hint = "without one: nnterm train --dataset moons, or nnterm --help"
        raise NntermError("the app needs a terminal (a real one, not a pipe and not TERM=dumb)", hint)
    from tui.app import run_app, terminal_problem

    problem = terminal_problem()
    if problem:
        raise NntermError(problem)
    return run_app(home)


def _run_command(arguments: list[str]) -> Callable[[], int]:
    def run() -> int:
        _refuse_strange_bytes(arguments)
        from tui.cli.commands import run_command

        return run_command(arguments)

    return run


def _refuse_strange_bytes(arguments: list[str]) -> None:
    """What is in no encoding can be written to no file of ours."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            raise NntermError(f"{argument} is not valid UTF-8", "rename the file") from None


if __name__ == "__main__":
    sys.exit(main())
