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
from tui.train.pace import faster, slower, watchable
from tui.train.phases import ENDED, PHASES, Phase, phase_of
from tui.train.rate_panel import next_rate
from tui.words.errors import error_text

if TYPE_CHECKING:
    from tui.follow.reader import RunReader

StartAgain = Callable[[str, Path | None, bool, float | None], str]
"""Starts the experiment of a run again (name, home, with layer stats, pace), and returns the name of the new run."""


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
        self._walks_from: int | None = None
        """The update before a single step whose walk opens as soon as it is made; None: no walk is due."""

    def show_pending(self) -> None:
        """Called when the pending commands have changed."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enable a key only if it applies now."""
        if action == "restart":
            return self._figures is not None
        if action == "pace" and parameters == (1,) and self.pace is None:
            return False
        special = {"resume ended": "resume_ended", "pace again": "pace_again"}
        phases = PHASES.get(special.get(f"{action} {parameters[0]}", action) if parameters else action)
        return phases is None or (self.phase in phases and self._reader is not None)

    @property
    def phase(self) -> Phase:
        """The phase of the run, with the commands that its worker has not answered yet."""
        return phase_of(self._figures, self._pending)

    @property
    def pace(self) -> float | None:
        """Steps per second of a training in slow motion, also if only requested; None: full speed."""
        return self._pending.pace_of(self._figures) if self._figures else None

    def action_pause(self) -> None:
        """Pause the training."""
        self._send_command("pause")

    def action_resume(self, ended: str = "") -> None:
        """Resume a paused training, or one that has ended."""
        if ended and self._figures is not None:
            self.resume_ended(self._figures.name)
        else:
            self._send_command("resume")

    def action_pace(self, by: int | str) -> None:
        """Train slower or faster, or `again`: retrain in slow motion."""
        figures = self._figures
        if figures is None:
            return
        if by == "again":
            self._retrain(watchable(figures.total_steps))
        elif by == -1:
            self._send_command("pace", slower(self.pace, figures.steps_per_s))
        elif self.pace is not None:
            self._send_command("pace", faster(self.pace))

    def action_step(self) -> None:
        """Train one step, stay paused, and open the walk through that step."""
        if self._figures is not None:
            self._walks_from = self._figures.step
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
        question = f"Stop {self._watched}? Its weights are saved as a checkpoint."
        if not await self.app.push_screen_wait(ConfirmDialog(question, yes="stop", no="continue training")):
            return
        if self._figures is not None and self._figures.is_over:
            state = ENDED.get(self._figures.state, "has lost its worker")
            self.notify(f"{self._figures.name} {state} meanwhile.")
        else:
            self._send_command("stop")

    def _send_command(self, command: str, value: float | bool | None = None) -> None:
        """Show the command as pending at once, and send it."""
        if self._figures is None or self._figures.is_over or self._reader is None:
            return
        self._pending.add(command, self._figures, value)
        self.show_pending()
        self.refresh_bindings()
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
            self.notify(error.message, title=f"{command} was not sent", severity="error", markup=False)

    def action_restart(self) -> None:
        """Start the experiment again; ask what to do with the run if it is still training."""
        self._retrain(None)

    @work(exclusive=True, group="restart")
    async def _retrain(self, pace: float | None) -> None:
        name, figures = self._watched, self._figures
        if name is None or figures is None:
            return
        if not figures.is_over:
            answers = [
                ("s", "stop it and retrain", "stop"),
                ("l", "leave it running and train another one", "leave"),
            ]
            answer = await self.app.push_screen_wait(ChoiceDialog(f"{name} is still training.", answers))
            if answer is None:
                return
            if answer == "stop":
                self._send_command("stop")
        session = self.session
        try:
            session.run = await asyncio.to_thread(
                self._start_again, name, session.home, session.measures, pace
            )
        except NntermError as error:
            self.notify(error_text(error), title="Not started", severity="error", markup=False)
