"""Resuming a run that has ended: at once if its experiment allows that, else after a dialog for the changes."""

import asyncio
from pathlib import Path

from engine.errors import NntermError
from engine.runs import Run, resume
from tui.runs.changes import parse_changes, preview_changes, required_change
from tui.runs.dialogs import ChangeDialog
from tui.shell.screen import LabScreen
from tui.words.errors import error_text


async def resume_run(screen: LabScreen, name: str) -> bool:
    """Resume the run `name` from its newest checkpoint; return True if a worker was started.

    Call it in a worker of `screen`, since it may wait for the user.
    """
    home = screen.session.home
    try:
        proposal = await asyncio.to_thread(_resume_unless_changed, name, home)
    except NntermError as error:
        screen.notify(error_text(error), title=f"{name} cannot go on", severity="error", timeout=8)
        return False
    if proposal is not None:
        dialog = ChangeDialog(
            f"{name} goes on",
            lambda text: preview_changes(Run.open(name, home), text),
            lambda text, at: resume(Run.open(name, home), parse_changes(text)),
            text=proposal,
            words="It needs a change to go on: more epochs, or after a divergence a lower learning rate.",
        )
        if await screen.app.push_screen_wait(dialog) is None:
            return False
    screen.session.remember(name)
    return True


def _resume_unless_changed(name: str, home: Path | None) -> str | None:
    """Resume the run, or return the change that it requires first; in a thread."""
    run = Run.open(name, home)
    proposal = required_change(run)
    if proposal is None:
        resume(run)
    return proposal
