"""Leaving the app: the runs that it started or watched are left running or stopped."""

import asyncio
import shlex
from collections.abc import Sequence
from pathlib import Path

from tui.shell.lab import LabApp
from tui.words.events import listed


async def leave(app: LabApp) -> None:
    """Leave the app; if runs are training, ask once whether to leave them running or to stop them."""
    from tui.shell.dialogs import ChoiceDialog

    names = await asyncio.to_thread(_still_training, app)
    if not names:
        app.exit(0)
        return
    one = len(names) == 1
    answers = [
        ("l", f"leave {'it' if one else 'them'} running", "leave"),
        ("s", f"checkpoint and stop {'it' if one else 'them'}", "stop"),
        ("b", "back: stay in nnterm", "stay"),
    ]
    are, they = ("is", "It") if one else ("are", "They")
    question = f"{listed(names, most=8)} {are} training. {they} can go on without nnterm."
    answer = await app.push_screen_wait(ChoiceDialog(question, answers, title="leave"))
    if answer == "leave":
        app.exit(0, message=way_back(names, app.session.home))
    elif answer == "stop":
        await _stop(app, names)


def _still_training(app: LabApp) -> list[str]:
    """Return the runs of this app that are training; reads files."""
    glances = [(name, app.desk.glance(name, app.session.home)) for name in app.session.held]
    return [name for name, glance in glances if glance is not None and not glance.is_over]


async def _stop(app: LabApp, names: Sequence[str]) -> None:
    """Send every run the command to stop, and leave if all commands could be sent."""
    can_leave = True
    for name in names:
        mistake = await asyncio.to_thread(app.desk.stop, name, app.session.home)
        if mistake:
            can_leave = False
            app.notify(mistake, title=f"{name} cannot be stopped", severity="error")
    if can_leave:
        were = "was" if len(names) == 1 else "were"
        app.exit(0, message=f"{listed(names, most=8)} {were} asked to checkpoint and stop")


def way_back(names: Sequence[str], home: Path | None) -> str:
    """Return one line for the shell: the runs that continue, and the command to return to them."""
    where = f" --home {shlex.quote(str(home))}" if home else ""
    if len(names) == 1:
        return f"{names[0]} goes on; come back with: nnterm attach {names[0]}{where}"
    return f"{listed(names, most=8)} go on; come back with: nnterm attach {names[0]}{where}, or nnterm{where} and 6"
