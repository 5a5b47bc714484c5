"""`nnterm replay`: trains a run again with its recorded commands, and compares bit for bit."""

import os

from engine.words import counted
from tui.cli import output
from tui.cli.options import Home, Json, Plain, RunName

HINT = "Ctrl-C ends the replay; the run is not changed"


def replay(run: RunName, json: Json = False, plain: Plain = False, home: Home = None) -> int:
    """Train a run again as recorded, and compare.

    Every change that was made while it trained is made again at its step; nothing is written. Exit 0 when all kept
    checkpoints come out in the same bits, 1 when not.

    Example:
        nnterm replay mnist-1
    """
    from engine.runs import Run
    from engine.runs.launch import THREAD_VARIABLES

    opened = Run.open(run, home)
    os.environ |= dict.fromkeys(THREAD_VARIABLES, "1")  # read when NumPy loads; the worker had one thread

    from engine.runs.replay import Replay, Replayed
    from tui.cli.follow import choose_display

    verdict = None
    with choose_display(opened, json, plain, HINT) as display:
        for event in Replay(opened).events():
            if isinstance(event, Replayed):
                verdict = event
            else:
                display.show(event)
                display.refresh()
    if verdict is None:
        return output.ExitCode.NO
    if json:
        output.json_line(verdict)
    else:
        output.line(
            f"replayed {counted(verdict.step, 'step')} of {opened.name}{_changes(verdict.commands, verdict.resumes)}"
        )
        output.line(verdict.message)
    return output.ExitCode.DONE if verdict.same else output.ExitCode.NO


def _changes(changes: int, resumes: int) -> str:
    """Return the number of changes and resumes that were replayed, in words."""
    parts = []
    if changes:
        parts.append(f"{counted(changes, 'change')} of the learning rate")
    if resumes:
        parts.append(counted(resumes, "resume"))
    return f", through {' and '.join(parts)}" if parts else ""
