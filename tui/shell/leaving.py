"""Leaving the app: the runs that it started or watched are left running or stopped."""

import asyncio
import shlex
from collections.abc import Sequence
from pathlib import Path

from tui.shell.lab import LabApp
from tui.words.events import listed
from tui.words.plain import plain


async def leave(app: LabApp) -> None:
    """Leave the app; if runs are training or paused, ask once whether to leave them so or to stop them."""
    from tui.shell.dialogs import LeaveDialog

    runs = await asyncio.to_thread(_unfinished, app)
    if not runs:
        app.exit(0)
        return
    paused = [name for name, state in runs if state == "paused"]
    training = [name for name, state in runs if state != "paused"]
    names = [*training, *paused]
    it = "it" if len(names) == 1 else "them"
    answers = [
        ("l", f"leave {it} {_states(training, paused)}", "leave"),
        ("s", f"save a checkpoint and stop {it}", "stop"),
        ("b", "stay in nnterm", "stay"),
    ]
    answer = await app.push_screen_wait(LeaveDialog(question(training, paused), answers, title="Quit"))
    if answer == "leave":
        app.exit(0, message=way_back(training, paused, app.session.home))
    elif answer == "stop":
        await _stop(app, names)


def _unfinished(app: LabApp) -> list[tuple[str, str]]:
    """Return the runs of this app that are not over, with their states; reads files."""
    glances = [(name, app.desk.glance(name, app.session.home)) for name in app.session.held]
    return [(name, glance.state) for name, glance in glances if glance is not None and not glance.is_over]


def _states(training: Sequence[str], paused: Sequence[str]) -> str:
    if training and paused:
        return "as they are"
    return "paused" if paused else "running"


def question(training: Sequence[str], paused: Sequence[str]) -> str:
    """Return what the dialog says of the runs that are training and of those that are paused."""
    parts = [
        f"{plain(listed(names, most=8))} {'is' if len(names) == 1 else 'are'} {state}."
        for names, state in ((training, "training"), (paused, "paused"))
        if names
    ]
    if training:
        parts.append("Training continues after you quit.")
    if paused:
        parts.append("A paused run waits until it is resumed.")
    return " ".join(parts)


async def _stop(app: LabApp, names: Sequence[str]) -> None:
    """Send every run the command to stop, and leave if all commands could be sent."""
    can_leave = True
    for name in names:
        mistake = await asyncio.to_thread(app.desk.stop, name, app.session.home)
        if mistake:
            can_leave = False
            app.notify(mistake, title=f"Cannot stop {name}", severity="error")
    if can_leave:
        were = "was" if len(names) == 1 else "were"
        app.exit(0, message=f"{plain(listed(names, most=8))} {were} told to save a checkpoint and stop")


def way_back(training: Sequence[str], paused: Sequence[str], home: Path | None) -> str:
    """Return one line for the shell: the runs that continue or wait, and the commands to return to them."""
    where = f" --home {shlex.quote(str(home))}" if home else ""
    lines = []
    if training:
        continues = "continues" if len(training) == 1 else "continue"
        follow = f"nnterm attach {shlex.quote(training[0])}{where}"
        lines.append(f"{plain(listed(training, most=8))} {continues}; follow with: {follow}")
    if paused:
        is_paused = "is paused" if len(paused) == 1 else "are paused"
        resume = f"nnterm unpause {shlex.quote(paused[0])}{where}"
        lines.append(f"{plain(listed(paused, most=8))} {is_paused}; resume with: {resume}")
    return "\n".join(lines)
