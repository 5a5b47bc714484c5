"""`nnterm pause`, `unpause`, `stop`, `doctor`: commands to a run's worker, and their outcome."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from engine.errors import RunError
from tui.cli import output
from tui.cli.options import Home, RunName

if TYPE_CHECKING:
    from engine.runs import Run, Status

PATIENCE_S = 15.0
"""Seconds that a worker may take to obey, before the command reports that it has not."""
LOOK_S = 0.05


def pause(run: RunName, home: Home = None) -> int:
    """Pause a run between two batches; resume it with `unpause`.

    Example:
        nnterm pause mnist-1
    """
    return _ask(run, home, "pause", "paused")


def unpause(run: RunName, home: Home = None) -> int:
    """Resume a paused run.

    Example:
        nnterm unpause mnist-1
    """
    return _ask(run, home, "resume", "running")


def stop(run: RunName, home: Home = None) -> int:
    """Stop a run after writing a checkpoint.

    `nnterm resume` continues it.

    Example:
        nnterm stop mnist-1
    """
    return _ask(run, home, "stop", "stopped")


def doctor(
    run: RunName,
    off: Annotated[bool, typer.Option("--off", help="Turn layer statistics and the doctor off.")] = False,
    home: Home = None,
) -> int:
    """Turn layer statistics and the doctor on or off.

    Examples:
        nnterm doctor mnist-1
        nnterm doctor mnist-1 --off
    """
    opened = open_running(run, home)
    opened.command("measure", value=not off)
    status = _wait(opened, lambda status: status.measuring is not off)
    word = "layer statistics on" if status.measuring else "layer statistics off"
    end = f"it is {status.state}: " if status.is_over else ""
    output.line(f"{opened.name}: {end}{word} at step {status.step:,}")
    return output.ExitCode.DONE if status.measuring is not off else output.ExitCode.NO


def _ask(name: str, home: Home, command: str, wanted: str) -> int:
    """Send a command and wait until the status shows its effect, or that the run is over."""
    run = open_running(name, home)
    run.command(command)
    status = _wait(run, lambda status: status.state == wanted)
    if status.state != wanted and not status.is_over:
        output.line(f"{run.name} has not answered {command}; it is still {status.state}")
    else:
        output.line(f"{run.name} is {status.state} at step {status.step:,}")
    return output.ExitCode.DONE if status.state == wanted else output.ExitCode.NO


def open_running(name: str, home: Home) -> "Run":
    """Return a run that has a worker.

    Raises:
        RunError: there is no such run, or it is over.
    """
    from engine.runs import Run

    run = Run.open(name, home)
    status = run.status()
    if status.is_over:
        raise RunError(f"{run.name} is not running: it is {status.state}", "see nnterm runs")
    return run


def _wait(run: "Run", is_done: "Callable[[Status], bool]") -> "Status":
    deadline = time.monotonic() + PATIENCE_S
    status = run.status()
    with output.working(f"waiting for the worker of {run.name}"):
        while not is_done(status) and not status.is_over and time.monotonic() < deadline:
            time.sleep(LOOK_S)
            status = run.status()
    return status
