"""The app: its screens as modes, its theme, the keys that work everywhere, and leaving in good order."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

from textual import work
from textual.app import App
from textual.binding import BindingType
from textual.screen import Screen

from tui.actions import APP_BINDINGS, SCREENS, Actions
from tui.screens.dialogs import MIN_HEIGHT, MIN_WIDTH, Choice, TooSmall
from tui.screens.help import HelpScreen
from tui.session import Session
from tui.theme import NNTERM

_HOMES = {
    "data": ("tui.screens.data", "DataScreen"),
    "build": ("tui.screens.build", "BuildScreen"),
    "train": ("tui.screens.train", "TrainScreen"),
    "gradients": ("tui.screens.gradients", "GradientsScreen"),
}
"""Module and class of each mode's screen; imported when it is first shown, so that starting stays fast."""


def _screen_maker(mode: str) -> Callable[[], Screen[Any]]:
    def make() -> Screen[Any]:
        module, name = _HOMES[mode]
        screen: Screen[Any] = getattr(import_module(module), name)()
        return screen

    return make


class NntermApp(App[int]):
    """The lab. `session` is what the user has chosen so far."""

    TITLE = "nnterm"
    CSS_PATH = "app.tcss"
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {
        mode: _screen_maker(mode) for mode, *_ in SCREENS
    }
    DEFAULT_MODE = "data"
    COMMANDS: ClassVar[set[Any]] = {Actions}
    BINDINGS: ClassVar[list[BindingType]] = list(APP_BINDINGS)
    ENABLE_COMMAND_PALETTE = True

    def __init__(self, home: Path | None = None) -> None:
        super().__init__()
        self.session = Session(home)

    def on_mount(self) -> None:
        """Dress, and leave the terminal as it was when a signal ends the app."""
        self.register_theme(NNTERM)
        self.theme = "nnterm"
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._leave_on_signal, number)
        self._watch_size()

    def _leave_on_signal(self, number: int) -> None:
        self.exit(128 + number, return_code=128 + number)

    def on_resize(self) -> None:
        """Cover the app while the terminal is too small, and uncover it again."""
        self._watch_size()

    def _watch_size(self) -> None:
        too_small = self.size.width < MIN_WIDTH or self.size.height < MIN_HEIGHT
        covered = isinstance(self.screen, TooSmall)
        if too_small and not covered:
            self.push_screen(TooSmall())
        elif covered and not too_small:
            self.pop_screen()

    async def action_switch_mode(self, mode: str) -> None:
        """Go to a top-level screen, unless a dialog waits for an answer."""
        if not self.screen.is_modal:
            await self.switch_mode(mode)

    def action_help(self) -> None:
        """Show the keys of the current screen."""
        screen = self.screen
        if screen.is_modal:
            return
        keys: list[tuple[str, str]] = []
        for active in screen.active_bindings.values():
            binding = active.binding
            row = (self.get_key_display(binding), binding.tooltip or binding.description)
            if row[1] and not binding.system and row not in keys:
                keys.append(row)
        title = getattr(screen, "MODE", "").capitalize() or "nnterm"
        self.push_screen(HelpScreen(title, getattr(screen, "PURPOSE", ""), keys))

    async def action_quit(self) -> None:
        """Leave; where a training is running, ask what becomes of it."""
        self._leave()

    @work
    async def _leave(self) -> None:
        if self._run_is_active():
            question = f"{self.session.run} is training. It can go on without nnterm."
            answers = [("l", "leave it running", "leave"), ("s", "checkpoint and stop it", "stop")]
            answer = await self.push_screen_wait(Choice(question, answers))
            if answer is None:
                return
            if answer == "stop":
                self._open_run().command("stop")
        self.exit(0)

    def _open_run(self) -> Any:
        from engine.runs import Run

        return Run.open(self.session.run or "", self.session.home)

    def _run_is_active(self) -> bool:
        from engine.errors import NntermError

        if self.session.run is None:
            return False
        try:
            status = self._open_run().status()
        except NntermError:
            return False
        return not status.is_over


def terminal_problem() -> str | None:
    """Return in one line why the app cannot run on this terminal, None where it can."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return "the app needs a terminal; standard input or output is a pipe or a file"
    if os.environ.get("TERM", "dumb") in ("dumb", ""):
        return "the app needs a terminal that can move the cursor; TERM is dumb"
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    if encoding not in ("utf8", "utf8sig"):
        return f"the app draws with Unicode, this terminal's encoding is {sys.stdout.encoding}; set LANG=C.UTF-8"
    return None


def run_app(home: Path | None = None) -> int:
    """Run the app until the user leaves, and return the exit code."""
    app = NntermApp(home)
    app.run()
    return app.return_code or 0
