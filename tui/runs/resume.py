"""Taking up a run that is over: at once where it can go on as it is, else after asking for what must change."""

import asyncio
from functools import partial

from engine.errors import NntermError
from tui.runs.dialogs import ChangeDialog
from tui.runs.store import RunStore
from tui.shell.screen import LabScreen


async def resume_run(screen: LabScreen, desk: RunStore, name: str) -> bool:
    """Start a worker that goes on where the newest checkpoint stands; return whether one was started.

    For a worker of the screen, since it may wait for an answer.
    """
    try:
        proposal = await asyncio.to_thread(desk.ready_change, name)
        if proposal is None:
            await asyncio.to_thread(desk.resume, name)
    except NntermError as error:
        words = f"{error.message}\n{error.hint}".strip()
        screen.notify(words, title=f"{name} cannot go on", severity="error", timeout=8)
        return False
    if proposal is not None:
        dialog = ChangeDialog(
            f"{name} goes on",
            partial(desk.look_at_changes, name),
            lambda text, at: desk.resume(name, text),
            text=proposal,
            words="It needs a change to go on: more epochs, or after a divergence a lower learning rate.",
        )
        if await screen.app.push_screen_wait(dialog) is None:
            return False
    screen.session.remember(name)
    return True
