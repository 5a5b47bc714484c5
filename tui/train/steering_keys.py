"""Steering a followed run: keys are written as commands into its folder, and its worker answers."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work

from engine.errors import NntermError
from engine.runs.commands import LEARNING_RATE
from tui.follow.pending_commands import PendingCommands
from tui.follow.relaunch import relaunch
from tui.follow.run_figures import RunFigures
from tui.runs.switch import RunSwitch
from tui.shell.dialogs import ChoiceDialog, ConfirmDialog
from tui.train.rate_panel import next_rate
from tui.words.errors import error_text

if TYPE_CHECKING:
    from tui.follow.reader import RunReader

StartAgain = Callable[[str, Path | None, bool], str]
"""Starts the experiment of a run (name, home, with layer statistics) again, and returns the name of the new run."""


class SteeringKeys(RunSwitch):
    """A screen that follows a run and sends commands to its worker; binds no keys itself."""

    def __init__(self, start_again: StartAgain = relaunch) -> None:
        super().__init__()
        self._start_again = start_again
        self._reader: RunReader | None = None
        self._watched: str | None = None
        self._figures: RunFigures | None = None
        self._pending = PendingCommands()
        self._sending = asyncio.Lock()

    def show_pending(self) -> None:
        """Called when the pending commands have changed."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show a key only if it applies now."""
        figures = self._figures
        if action in ("restart", "pause"):
            return figures is not None
        if action in ("step", "rate", "stop", "checkpoint", "measure"):
            return figures is not None and not figures.is_over and self._reader is not None
        return True

    def action_pause(self) -> None:
        """Pause or continue; resume a run that has ended."""
        if self._figures is not None and self._figures.is_over:
            self.resume_ended(self._figures.name)
        elif self._figures is not None:
            self._send_command("resume" if self._pending.is_paused(self._figures) else "pause")

    def action_step(self) -> None:
        """Train one step and stay paused."""
        self._send_command("step")

    def action_checkpoint(self) -> None:
        """Save the current weights as a checkpoint."""
        self._send_command("checkpoint")

    def action_rate(self, direction: int) -> None:
        """Request the next learning rate up or down, starting from the last one requested."""
        now = self._pending.rate or (self._figures.base_rate if self._figures else None)
        if now:
            self._send_command("set", next_rate(now, direction))

    def action_measure(self) -> None:
        """Switch the layer statistics on or off, for this run and for those that the app starts later."""
        if self._figures is not None:
            self.session.measures = not self._pending.is_measured(self._figures)
            self._send_command("measure", self.session.measures)

    @work(exclusive=True, group="stop")
    async def action_stop(self) -> None:
        """Stop the training after a confirmation."""
        question = f"Stop {self._watched}? Its weights are kept as a checkpoint."
        if await self.app.push_screen_wait(ConfirmDialog(question, yes="stop it", no="let it train")):
            self._send_command("stop")

    def _send_command(self, command: str, value: float | bool | None = None) -> None:
        """Show the command as pending at once, and send it."""
        if self._figures is None or self._figures.is_over or self._reader is None:
            return
        self._pending.add(command, self._figures, value)
        self.show_pending()
        self._write_command(self._reader, command, value)

    @work(group="send")
    async def _write_command(self, reader: "RunReader", command: str, value: float | bool | None) -> None:
        key = LEARNING_RATE if command == "set" else None
        try:
            async with self._sending:  # in the order of the keys
                await asyncio.to_thread(reader.run.command, command, key, value)
        except NntermError as error:
            self._pending.withdraw(command)
            self.show_pending()
            self.notify(error.message, title=f"{command} was not sent", severity="error")

    @work(exclusive=True, group="restart")
    async def action_restart(self) -> None:
        """Start the experiment again; ask what to do with the run if it is still training."""
        name, figures = self._watched, self._figures
        if name is None or figures is None:
            return
        if not figures.is_over:
            answers = [
                ("s", "stop it and start again", "stop"),
                ("l", "leave it running and start another beside it", "leave"),
            ]
            answer = await self.app.push_screen_wait(ChoiceDialog(f"{name} is still training.", answers))
            if answer is None:
                return
            if answer == "stop":
                self._send_command("stop")
        session = self.session
        try:
            session.run = await asyncio.to_thread(self._start_again, name, session.home, session.measures)
        except NntermError as error:
            self.notify(error_text(error), title="not started", severity="error")
