"""Switching between runs on a screen that follows one."""

import asyncio
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from engine.runs import list_runs
from tui.runs.resume import resume_run
from tui.shell.screen import LabScreen


class RunSwitch(LabScreen):
    """A screen that follows the session's run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "right_square_bracket",
            "other(1)",
            "next run",
            key_display="]",
            show=False,
            tooltip="next running run",
        ),
        Binding(
            "left_square_bracket",
            "other(-1)",
            "previous run",
            key_display="[",
            show=False,
            tooltip="previous running run",
        ),
    ]

    @work(exclusive=True, group="other")
    async def action_other(self, by: int) -> None:
        """Follow the next or the previous running run."""
        runs = await asyncio.to_thread(list_runs, self.session.home)
        names = [run.name for run in reversed(runs) if not run.is_over]
        now = self.session.run
        others = [name for name in names if name != now]
        if not others:
            self.notify("No other run is training.")
        elif now in names:
            self.session.run = names[(names.index(now) + by) % len(names)]
        else:
            self.session.run = others[0 if by > 0 else -1]

    @work(exclusive=True, group="take-up")
    async def resume_ended(self, name: str) -> None:
        """Resume a run that has ended."""
        if await resume_run(self, name):
            self.lab.watch_again()
